#include "thimble/inventory/phasing.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace thimble::inventory {

std::uint32_t phase_draw(
    std::string_view source_name, std::string_view source_version, std::string_view machine_id) {
    std::string text(source_name);
    text += '-';
    text += source_version;
    text += '-';
    text += machine_id;
    std::seed_seq seed(text.begin(), text.end());
    std::minstd_rand generator(seed);
    std::uniform_int_distribution<std::uint32_t> draw(0, 100);
    return draw(generator);
}

bool is_kept_by_phasing(
    std::uint32_t percentage,
    std::uint32_t draw,
    std::string_view machine_id,
    const PhasingChoice& choice) {
    if (percentage >= 100 || choice.always_include) {
        return false;
    }
    return choice.never_include || (!machine_id.empty() && draw > percentage);
}

}  // namespace thimble::inventory
