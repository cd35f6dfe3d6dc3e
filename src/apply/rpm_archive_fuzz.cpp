#include "thimble/apply/rpm_archive.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const int file = ::memfd_create("rpm", 0);
    if (::write(file, bytes, size) == static_cast<ssize_t>(size)) {
        (void)thimble::apply::read_rpm_contents(
            "/proc/self/fd/" + std::to_string(file), {"/etc/t.conf"}, 4096);
    }
    ::close(file);
    return 0;
}
