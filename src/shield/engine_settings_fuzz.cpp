#include "thimble/shield/engine_settings.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    thimble::shield::EngineSettings settings;
    thimble::shield::add_engine_settings(settings, text);
    static_cast<void>(thimble::shield::readable_log(settings));
    return 0;
}
