// What java.util.Properties makes of files, for the differential test beside it.
//   java Answers.java 1 400 > answers.txt        (JDK 17 made the stored ones)
// The n-th case is a file of random bytes from an alphabet that means something to the format. Each line of the
// output: the bytes in hexadecimal, a blank, then "!" for an exception, or every key=value, sorted by key, as
// hexadecimal UTF-8, joined by commas.
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;

class Answers {
    static final String[] PIECES = {"a", "bc", "acks", "=", ":", " ", "\t", "\f", "\n", "\r", "\r\n", "\\", "\\\\", "\\\n",
        "\\\r\n  ", "#", "!", "\\u00e9", "\\ud83d\\ude00", "\\ud83d", "\\u12", "\\uABCD", "\\t", "\\n", "\\=", "\\:", "\\ ",
        "\\#", "\\z", "\u00e9", "\u00ff", "\u0000", "1", "[x]", "\n\n", "=v\n", "k=", "\nk "};

    static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte one : bytes) text.append(String.format("%02x", one & 0xff));
        return text.toString();
    }

    static String answer(byte[] bytes) {
        Properties properties = new Properties();
        try {
            properties.load(new ByteArrayInputStream(bytes));
        } catch (Exception error) {
            return "!";
        }
        StringBuilder text = new StringBuilder();
        TreeMap<String, String> sorted = new TreeMap<>();
        for (Map.Entry<Object, Object> one : properties.entrySet())
            sorted.put(hex(((String) one.getKey()).getBytes(StandardCharsets.UTF_8)), hex(((String) one.getValue()).getBytes(StandardCharsets.UTF_8)));
        for (Map.Entry<String, String> one : sorted.entrySet())
            text.append(text.length() == 0 ? "" : ",").append(one.getKey()).append("=").append(one.getValue());
        return text.toString();
    }

    public static void main(String[] arguments) {
        for (int seed = Integer.parseInt(arguments[0]); seed <= Integer.parseInt(arguments[1]); ++seed) {
            Random random = new Random(seed);
            StringBuilder file = new StringBuilder();
            for (int i = random.nextInt(24); i >= 0; --i) file.append(PIECES[random.nextInt(PIECES.length)]);
            byte[] bytes = file.toString().getBytes(StandardCharsets.ISO_8859_1);
            System.out.println(hex(bytes) + " " + answer(bytes));
        }
    }
}
