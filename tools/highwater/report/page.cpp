#include "tools/highwater/report/report.hpp"
#include "tools/highwater/report/sha256.hpp"

#include <fmt/format.h>
#include <map>
#include <string_view>

namespace embedded {
extern const char* const report_page_html;
extern const char* const report_style_css;
extern const char* const report_core_js;
extern const char* const report_time_js;
extern const char* const report_tiles_js;
extern const char* const report_ribbon_js;
extern const char* const report_lanes_js;
extern const char* const report_clients_js;
extern const char* const report_series_js;
extern const char* const report_biography_js;
extern const char* const report_matrix_js;
extern const char* const report_explanation_js;
extern const char* const report_page_js;
} // namespace embedded

namespace highwater {

namespace {

/// Text that stands between tags.
std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else
            out += c;
    }
    return out;
}

/// JSON that no parser of HTML takes for an end of its element or for a comment.
std::string data_block(const kafka::Json& data) {
    const std::string json = data.dump(-1, ' ', false, kafka::Json::error_handler_t::replace);
    std::string out;
    out.reserve(json.size());
    for (const char c : json) {
        if (c == '<')
            out += "\\u003c";
        else if (c == '>')
            out += "\\u003e";
        else if (c == '&')
            out += "\\u0026";
        else
            out += c;
    }
    return out;
}

/// The template with its {{marks}} filled in. What is put in is not looked at again: names may look like
/// marks.
std::string filled(std::string_view page, const std::map<std::string, std::string>& texts) {
    std::string out;
    for (std::size_t at = 0; at < page.size();) {
        const std::size_t open = page.find("{{", at);
        const std::size_t end = open == std::string_view::npos ? open : page.find("}}", open);
        out += page.substr(at, end == std::string_view::npos ? end : open - at);
        if (end == std::string_view::npos) break;
        out += texts.at(std::string(page.substr(open + 2, end - open - 2)));
        at = end + 2;
    }
    return out;
}

} // namespace

std::string page_of(const kafka::Json& data, const std::string& title) {
    const std::string style = embedded::report_style_css;
    std::string script = "\"use strict\";\n(() => {\n";
    for (const char* piece :
         {embedded::report_core_js, embedded::report_time_js, embedded::report_tiles_js,
          embedded::report_ribbon_js, embedded::report_lanes_js, embedded::report_clients_js,
          embedded::report_series_js, embedded::report_biography_js, embedded::report_matrix_js,
          embedded::report_explanation_js, embedded::report_page_js})
        script += std::string(piece) + "\n";
    script += "})();\n";
    const std::string policy =
        fmt::format("default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; "
                    "form-action 'none'",
                    sha256_base64(script), sha256_base64(style));
    return filled(embedded::report_page_html, {{"policy", policy},
                                               {"title", escaped(title)},
                                               {"style", style},
                                               {"script", script},
                                               {"data", data_block(data)}});
}

} // namespace highwater
