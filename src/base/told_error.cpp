#include "thimble/base/told_error.hpp"

#include "thimble/base/json_writer.hpp"

namespace thimble {

std::string told_error_json(const ToldError& error) {
    std::string text;
    JsonWriter json(text);
    json.open_object().key("error").open_object();
    json.member("code", error.code).member("message", error.message);
    json.member_or_null("next", error.next).close_object().close_object();
    return text;
}

bool is_told_error(std::string_view printed) {
    return printed.starts_with(R"({"error":{"code":)");
}

}  // namespace thimble
