# Writes a digest over the files named in LIST (paths below ROOT, one a line) into OUTPUT: what a program was built from.
file(STRINGS ${LIST} sources)
set(all "")
foreach(source ${sources})
  file(SHA256 ${ROOT}/${source} digest)
  string(APPEND all "${source} ${digest}\n")
endforeach()
string(SHA256 digest "${all}")
file(WRITE ${OUTPUT} "namespace embedded { extern const char* const build_sources;\nconst char* const build_sources = \"${digest}\"; }\n")
