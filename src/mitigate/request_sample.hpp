#pragma once
/// @file A request of HTTP as a sample: an attack, a variant of one, or something that must pass. Plain values.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::mitigate {

using SampleHeader = std::pair<std::string, std::string>;

struct RequestSample {
    std::string method = "GET";
    std::string target = "/";  ///< path and query, as on the wire
    std::vector<SampleHeader> headers;
    std::string body;
    bool operator==(const RequestSample&) const = default;
};

/// "POST /search?q=x", for people.
std::string sample_line(const RequestSample& sample);

/// Whether two names of headers are the same one.
bool is_header(std::string_view one, std::string_view other);

/// The first header of that name, whatever its case; empty: there is none.
std::string header_of(const RequestSample& sample, const std::string& name);

}  // namespace thimble::mitigate
