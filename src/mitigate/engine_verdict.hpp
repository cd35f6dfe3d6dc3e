#pragma once
/// @file What the engine did with a request.

#include <cstdint>
#include <vector>

namespace thimble::mitigate {

struct EngineVerdict {
    bool blocked = false;
    int status = 200;                  ///< that the client would get from the firewall
    std::vector<std::uint32_t> rules;  ///< ids of the rules that matched, in their order
};

}  // namespace thimble::mitigate
