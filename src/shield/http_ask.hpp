#pragma once
/// @file A request of a virtual patch, sent to a live service as it is written.

#include "thimble/base/result.hpp"
#include "thimble/mitigate/request_sample.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace thimble::shield {

/// The bytes of a request in HTTP/1.1: nothing of the sample is put in order, since attacks live of disorder.
/// @param mark  value of kMarkHeader
std::string request_bytes(
    const mitigate::RequestSample& sample, std::string_view host, std::string_view mark);

/// The status of an answer's first line; 0: it is none.
int status_in(std::string_view answer);

struct AskedService {
    std::string address;
    std::uint16_t port = 80;
    std::string host;  ///< of the Host header
};

/// @return the status
/// @error Unavailable "shield.no_answer"  no connection, or no answer in time
Result<int> ask_service(
    const AskedService& service, const mitigate::RequestSample& sample, std::string_view mark);

}  // namespace thimble::shield
