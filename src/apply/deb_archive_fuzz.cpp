#include "thimble/apply/deb_archive.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const int file = ::memfd_create("deb", MFD_CLOEXEC);
    if (file < 0 || ::write(file, bytes, size) != static_cast<ssize_t>(size)) {
        return 0;
    }
    const std::string path = "/proc/self/fd/" + std::to_string(file);
    const auto control = thimble::apply::read_deb_control(path);
    if (control) {
        static_cast<void>(thimble::apply::read_deb_files(
            path, {control->conffiles.begin(), control->conffiles.end()}, 1 << 16));
    }
    ::close(file);
    return 0;
}
