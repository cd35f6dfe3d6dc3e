#include "thimble/mitigate/evasions.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

namespace thimble::mitigate {
namespace {

constexpr const char* kForm = "application/x-www-form-urlencoded";

struct Argument {
    std::string name;
    std::string value;  ///< decoded
};

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'
        || c == '_' || c == '.' || c == '~';
}

std::string percent(char c, bool is_upper) {
    constexpr std::string_view kUpper = "0123456789ABCDEF";
    constexpr std::string_view kLower = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    const std::string_view digits = is_upper ? kUpper : kLower;
    return {'%', digits[byte >> 4U], digits[byte & 15U]};
}

std::string each(std::string_view text, const std::function<std::string(char)>& change) {
    std::string out;
    for (const char c : text) {
        out += change(c);
    }
    return out;
}

std::string encoded(std::string_view text) {
    return each(text, [](char c) { return is_plain(c) ? std::string(1, c) : percent(c, true); });
}

/// The byte that "%41" stands for.
std::optional<char> escaped_byte(std::string_view text) {
    unsigned char byte = 0;
    if (!text.starts_with('%') || text.size() < 3) {
        return std::nullopt;
    }
    const std::string digits(text.substr(1, 2));
    const auto read = std::from_chars(digits.c_str(), digits.c_str() + 2, byte, 16);
    return read.ec == std::errc() && read.ptr == digits.c_str() + 2
        ? std::optional(static_cast<char>(byte))
        : std::nullopt;
}

std::string decoded(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto byte = escaped_byte(text);
        const char plain = text.front() == '+' ? ' ' : text.front();
        out += byte.value_or(plain);
        text.remove_prefix(byte ? 3 : 1);
    }
    return out;
}

std::vector<Argument> arguments_in(std::string_view text) {
    std::vector<Argument> arguments;
    while (!text.empty()) {
        const std::string_view one = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(one.size() + 1, text.size()));
        const std::size_t equals = std::min(one.find('='), one.size());
        arguments.push_back(
            {decoded(one.substr(0, equals)),
             decoded(one.substr(std::min(equals + 1, one.size())))});
    }
    return arguments;
}

using Write = std::function<std::string(const std::string& value)>;

std::string written(const std::vector<Argument>& arguments, const Write& write) {
    std::string text;
    for (const Argument& argument : arguments) {
        text.append(text.empty() ? "" : "&").append(encoded(argument.name)).append("=");
        text += write(argument.value);
    }
    return text;
}

/// A request taken apart: path, and arguments wherever they are.
struct Parts {
    std::string path;
    std::vector<Argument> arguments;
    bool in_body = false;
};

Parts parts_of(const RequestSample& sample) {
    const std::size_t mark = std::min(sample.target.find('?'), sample.target.size());
    Parts parts{sample.target.substr(0, mark), {}, false};
    const std::string query = sample.target.substr(std::min(mark + 1, sample.target.size()));
    parts.in_body = query.empty() && header_of(sample, "Content-Type").starts_with(kForm);
    parts.arguments = arguments_in(parts.in_body ? sample.body : query);
    return parts;
}

void set_header(RequestSample& sample, const std::string& name, const std::string& value) {
    std::erase_if(
        sample.headers, [&](const SampleHeader& header) { return is_header(header.first, name); });
    sample.headers.emplace_back(name, value);
}

RequestSample with_body(RequestSample sample, const std::string& type, std::string body) {
    sample.target = parts_of(sample).path;
    sample.method = sample.method == "GET" ? "POST" : sample.method;
    sample.body = std::move(body);
    set_header(sample, "Content-Type", type);
    return sample;
}

/// The request with its arguments written in another way, where they are.
RequestSample rewritten(const RequestSample& sample, const Parts& parts, const Write& write) {
    RequestSample changed = sample;
    const std::string text = written(parts.arguments, write);
    if (parts.in_body) {
        changed.body = text;
    } else {
        changed.target = parts.path + "?" + text;
    }
    return changed;
}

std::string odd_case(std::string_view text) {
    std::string out(text);
    bool is_up = false;
    for (char& c : out) {
        const bool is_lower = c >= 'a' && c <= 'z';
        const bool is_upper = c >= 'A' && c <= 'Z';
        if ((is_lower && is_up) || (is_upper && !is_up)) {
            c = static_cast<char>(c ^ 0x20);
        }
        is_up = is_lower || is_upper ? !is_up : is_up;
    }
    return out;
}

std::string json_text(std::string_view text) {
    return each(text, [](char c) {
        const bool is_escaped = c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
        return is_escaped ? "\\u00" + percent(c, false).substr(1) : std::string(1, c);
    });
}

std::string as_json(const std::vector<Argument>& arguments, bool is_escaped) {
    std::string text = "{";
    for (const Argument& argument : arguments) {
        text += (text.size() > 1 ? "," : "") + ("\"" + json_text(argument.name) + "\":\"")
            + (is_escaped ? each(
                                argument.value,
                                [](char c) { return "\\u00" + percent(c, false).substr(1); })
                          : json_text(argument.value))
            + "\"";
    }
    return text + "}";
}

std::string as_multipart(const std::vector<Argument>& arguments) {
    std::string text;
    for (const Argument& argument : arguments) {
        text += "--thimble\r\nContent-Disposition: form-data; name=\"" + argument.name
            + "\"\r\n\r\n" + argument.value + "\r\n";
    }
    return text + "--thimble--\r\n";
}

struct Rewriting {
    std::string_view evasion;
    std::string (*write)(const std::string& value);
};

/// The same bytes in other notations.
const std::vector<Rewriting>& notations() {
    static const std::vector<Rewriting> kAll{
        {"percent-encoded",
         [](const std::string& value) {
             return each(value, [](char c) { return percent(c, true); });
         }},
        {"percent-encoded in lower case",
         [](const std::string& value) {
             return each(value, [](char c) { return percent(c, false); });
         }},
        {"percent-encoded twice",
         [](const std::string& value) {
             return each(value, [](char c) { return "%25" + percent(c, true).substr(1); });
         }},
        {"as %uXXXX",
         [](const std::string& value) {
             return each(value, [](char c) { return "%u00" + percent(c, true).substr(1); });
         }},
        {"as HTML entities",
         [](const std::string& value) {
             return each(value, [](char c) {
                 return "%26%23" + std::to_string(static_cast<unsigned char>(c)) + "%3b";
             });
         }},
        {"as \\xXX of scripts",
         [](const std::string& value) {
             return each(value, [](char c) { return "%5cx" + percent(c, false).substr(1); });
         }},
    };
    return kAll;
}

/// Other bytes that may mean the same.
const std::vector<Rewriting>& likenesses() {
    static const std::vector<Rewriting> kAll{
        {"in odd case",
         [](const std::string& value) {
             return encoded(odd_case(value));
         }},
        {"in upper case",
         [](const std::string& value) {
             return encoded(each(value, [](char c) {
                 return std::string(1, c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
             }));
         }},
        {"tabs for blanks",
         [](const std::string& value) {
             return each(value, [](char c) {
                 return c == ' ' ? std::string("%09") : encoded(std::string(1, c));
             });
         }},
        {"line feeds for blanks",
         [](const std::string& value) {
             return each(value, [](char c) {
                 return c == ' ' ? std::string("%0a") : encoded(std::string(1, c));
             });
         }},
        {"blanks around it",
         [](const std::string& value) {
             return "%20%09" + encoded(value) + "%20";
         }},
        {"NUL before it",
         [](const std::string& value) {
             return "%00" + encoded(value);
         }},
        {"NUL behind it",
         [](const std::string& value) {
             return encoded(value) + "%00";
         }},
        {"text before it",
         [](const std::string& value) {
             return "harmless" + encoded(value);
         }},
        {"a hundred letters before it",
         [](const std::string& value) {
             return std::string(100, 'a') + encoded(value);
         }},
    };
    return kAll;
}

void add_argument_variants(
    const RequestSample& attack, const Parts& parts, std::vector<Variant>& variants) {
    for (const auto* rewritings : {&notations(), &likenesses()}) {
        for (const Rewriting& one : *rewritings) {
            variants.push_back({std::string(one.evasion), rewritten(attack, parts, one.write)});
        }
    }
    Parts twice = parts;
    twice.arguments.clear();
    for (const Argument& argument : parts.arguments) {
        twice.arguments.push_back({argument.name, "harmless"});
        twice.arguments.push_back(argument);
    }
    variants.push_back({"repeated, the harmless one first", rewritten(attack, twice, encoded)});
    std::ranges::reverse(twice.arguments);
    variants.push_back({"repeated, the harmless one last", rewritten(attack, twice, encoded)});
    const std::string form = written(parts.arguments, encoded);
    variants.push_back({"as a form", with_body(attack, kForm, form)});
    variants.push_back(
        {"as JSON", with_body(attack, "application/json", as_json(parts.arguments, false))});
    variants.push_back(
        {"as JSON with \\u escapes",
         with_body(attack, "application/json", as_json(parts.arguments, true))});
    variants.push_back(
        {"as multipart",
         with_body(
             attack, "multipart/form-data; boundary=thimble", as_multipart(parts.arguments))});
}

void add_path_variants(
    const RequestSample& attack, const Parts& parts, std::vector<Variant>& variants) {
    const std::string rest = attack.target.substr(parts.path.size());
    const auto add = [&](const std::string& evasion, const std::string& path) {
        RequestSample changed = attack;
        changed.target = path + rest;
        variants.push_back({evasion, std::move(changed)});
    };
    const auto with_slash = [&](const std::string& slash) {
        return each(parts.path, [&](char c) { return c == '/' ? slash : std::string(1, c); });
    };
    add("path with doubled slashes", with_slash("//"));
    add("path with /./",
        parts.path.substr(0, parts.path.rfind('/')) + "/."
            + parts.path.substr(parts.path.rfind('/')));
    add("path with /x/../", "/x/.." + parts.path);
    add("path percent-encoded",
        each(parts.path, [](char c) { return c == '/' ? std::string(1, c) : percent(c, true); }));
    add("path in odd case", odd_case(parts.path));
    add("path with a parameter", parts.path + ";x=1");
    add("path with a slash behind it", parts.path + "/");
}

void add_header_variants(const RequestSample& attack, std::vector<Variant>& variants) {
    RequestSample odd = attack;
    for (SampleHeader& header : odd.headers) {
        header.first = odd_case(header.first);
    }
    variants.push_back({"header names in odd case", odd});
    RequestSample cased = attack;
    for (SampleHeader& header : cased.headers) {
        header.second = odd_case(header.second);
    }
    variants.push_back({"header values in odd case", cased});
}

}  // namespace

std::vector<Variant> variants_of(const RequestSample& attack) {
    std::vector<Variant> variants;
    const Parts parts = parts_of(attack);
    if (!parts.arguments.empty()) {
        add_argument_variants(attack, parts, variants);
    }
    add_path_variants(attack, parts, variants);
    if (!attack.headers.empty()) {
        add_header_variants(attack, variants);
    }
    if (!attack.body.empty()) {
        RequestSample chunked = attack;
        set_header(chunked, "Transfer-Encoding", "chunked");
        variants.push_back({"in chunks", chunked});
    }
    std::erase_if(variants, [&](const Variant& one) { return one.sample == attack; });
    return variants;
}

}  // namespace thimble::mitigate
