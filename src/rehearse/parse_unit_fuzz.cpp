#include "thimble/rehearse/parse_unit.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(static_cast<const char*>(static_cast<const void*>(data)), size);
    const auto unit =
        thimble::rehearse::parse_unit({text, "[Service]\nUser=nobody\n"}, "a@b.service");
    if (unit && (unit->start.empty() || unit->user != "nobody")) {
        std::abort();
    }
    const auto variables = thimble::rehearse::parse_environment_file(text);
    if (unit) {
        for (const auto& command : unit->start) {
            static_cast<void>(thimble::rehearse::with_variables(command, variables));
        }
    }
    return 0;
}
