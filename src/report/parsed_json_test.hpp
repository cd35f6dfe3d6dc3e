#pragma once
/// @file For tests: looks into JSON that we wrote.

#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace thimble::report {

/// A parsed document; places are JSON pointers (RFC 6901). A place that is not there throws, which
/// fails the test.
class ParsedJson {
public:
    explicit ParsedJson(std::string_view text)
        : value_(boost::json::parse({text.data(), text.size()})) {}

    [[nodiscard]] const boost::json::value& at(std::string_view place) const {
        return value_.at_pointer({place.data(), place.size()});
    }
    [[nodiscard]] bool has(std::string_view place) const {
        boost::system::error_code error;
        return value_.find_pointer({place.data(), place.size()}, error) != nullptr;
    }
    [[nodiscard]] std::string text(std::string_view place) const {
        return std::string(at(place).as_string());
    }
    [[nodiscard]] std::size_t size(std::string_view place) const {
        return at(place).as_array().size();
    }

private:
    boost::json::value value_;
};

}  // namespace thimble::report
