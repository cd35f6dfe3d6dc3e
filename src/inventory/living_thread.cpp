#include "thimble/inventory/living_thread.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"

namespace thimble::inventory {
namespace {

Result<std::optional<LivingThread>> look_at(host::Host& host, std::string folder) {
    auto executable = host.read_link(folder + "/exe");
    if (executable) {
        return std::optional(
            LivingThread{.folder = std::move(folder), .executable = *std::move(executable)});
    }
    if (executable.error().kind == ErrorKind::Denied) {
        return executable.error();
    }
    return std::optional<LivingThread>();
}

}  // namespace

Result<std::optional<LivingThread>> find_living_thread(host::Host& host, std::uint32_t pid) {
    const std::string folder = "/proc/" + std::to_string(pid);
    THIMBLE_TRY(std::optional<LivingThread> first, look_at(host, folder));
    if (first) {
        return first;
    }
    const auto threads = host.list(folder + "/task");
    if (!threads && threads.error().kind == ErrorKind::Denied) {
        return threads.error();
    }
    for (const std::string& name : threads ? *threads : std::vector<std::string>()) {
        const auto thread = number_in<std::uint32_t>(name);
        if (!thread || *thread == pid) {
            continue;
        }
        THIMBLE_TRY(std::optional<LivingThread> other, look_at(host, "/proc/" + name));
        if (other) {
            return other;
        }
    }
    return std::optional<LivingThread>();
}

}  // namespace thimble::inventory
