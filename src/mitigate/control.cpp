#include "thimble/mitigate/control.hpp"

namespace thimble::mitigate {

std::string_view transport_name(Transport transport) {
    return transport == Transport::Tcp ? "tcp" : "udp";
}

}  // namespace thimble::mitigate
