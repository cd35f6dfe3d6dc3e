#include "thimble/openid/strict_json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace thimble::openid {
namespace {

namespace json = boost::json;
using boost::system::error_code;

constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxAddressBytes = 1024;

Error bad_json(const std::string& why) {
    return failure(ErrorKind::Corrupt, "openid.bad_json", why);
}

/// Follows a document without keeping it, and stops at a name that an object has already.
class DuplicateFinder {
public:
    // NOLINTBEGIN(readability-identifier-naming,readability-convert-member-functions-to-static):
    // Boost's names and calls
    static constexpr std::size_t max_object_size = 1000;
    static constexpr std::size_t max_array_size = 1000;
    static constexpr std::size_t max_key_size = 1024;
    static constexpr std::size_t max_string_size = std::size_t{64} << 10U;

    bool on_document_begin(error_code& /*error*/) { return true; }
    bool on_document_end(error_code& /*error*/) { return true; }
    bool on_object_begin(error_code& /*error*/) {
        names_.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t /*size*/, error_code& /*error*/) {
        names_.pop_back();
        return true;
    }
    bool on_array_begin(error_code& /*error*/) { return true; }
    bool on_array_end(std::size_t /*size*/, error_code& /*error*/) { return true; }
    bool on_key_part(json::string_view part, std::size_t /*size*/, error_code& /*error*/) {
        name_.append(part.data(), part.size());
        return true;
    }
    bool on_key(json::string_view part, std::size_t /*size*/, error_code& error) {
        name_.append(part.data(), part.size());
        const bool is_new = names_.back().insert(std::move(name_)).second;
        name_.clear();
        if (!is_new) {
            error = json::make_error_code(json::error::extra_data);
        }
        return is_new;
    }
    bool on_string_part(json::string_view /*part*/, std::size_t /*size*/, error_code& /*error*/) {
        return true;
    }
    bool on_string(json::string_view /*part*/, std::size_t /*size*/, error_code& /*error*/) {
        return true;
    }
    bool on_number_part(json::string_view /*part*/, error_code& /*error*/) { return true; }
    bool on_int64(std::int64_t /*value*/, json::string_view /*text*/, error_code& /*error*/) {
        return true;
    }
    bool on_uint64(std::uint64_t /*value*/, json::string_view /*text*/, error_code& /*error*/) {
        return true;
    }
    bool on_double(double /*value*/, json::string_view /*text*/, error_code& /*error*/) {
        return true;
    }
    bool on_bool(bool /*value*/, error_code& /*error*/) { return true; }
    bool on_null(error_code& /*error*/) { return true; }
    bool on_comment_part(json::string_view /*part*/, error_code& /*error*/) { return true; }
    bool on_comment(json::string_view /*part*/, error_code& /*error*/) { return true; }
    // NOLINTEND(readability-identifier-naming,readability-convert-member-functions-to-static)

private:
    std::vector<std::set<std::string>> names_;
    std::string name_;
};

}  // namespace

Result<JsonValue> parse_strict_json(std::string_view text, std::size_t most_bytes) {
    if (text.size() > most_bytes) {
        return bad_json("it is larger than " + std::to_string(most_bytes) + " bytes");
    }
    json::parse_options options;
    options.max_depth = kMaxDepth;
    json::basic_parser<DuplicateFinder> parser(options);
    error_code error;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
    if (error || read != text.size()) {
        return bad_json("it is not JSON, too deep, or names a member twice");
    }
    auto document = parse_json(text);
    if (!document || !std::holds_alternative<JsonValue::Object>(document->value)) {
        return bad_json("it is not a JSON object");
    }
    return *std::move(document);
}

bool is_https_address(std::string_view text) {
    constexpr std::string_view kScheme = "https://";
    return text.starts_with(kScheme) && text.size() > kScheme.size()
        && text.size() <= kMaxAddressBytes && text[kScheme.size()] != '/'
        && std::ranges::all_of(text, [](char c) {
               return c > ' ' && c < 0x7f && c != '#' && c != '"' && c != '<' && c != '>'
                   && c != '\\';
           });
}

}  // namespace thimble::openid
