#include "thimble/verify/parse_units.hpp"

#include "thimble/base/json_members.hpp"

#include <algorithm>
#include <array>
#include <variant>

namespace thimble::verify {
namespace {

constexpr std::array<std::string_view, 4> kNotPlaces{"/proc", "/sys", "/dev", "/run"};

bool is_place(std::string_view path, std::string_view type) {
    if (type == "cgroup" || type == "cgroup2" || type == "overlay" || type == "squashfs") {
        return false;
    }
    return std::ranges::none_of(kNotPlaces, [path](std::string_view top) {
        return path == top || (path.starts_with(top) && path.substr(top.size()).starts_with('/'));
    });
}

std::string_view take_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

std::vector<std::string_view> words_of(std::string_view line, std::string_view separators) {
    std::vector<std::string_view> words;
    for (std::size_t begin = line.find_first_not_of(separators); begin != std::string_view::npos;
         begin = line.find_first_not_of(separators)) {
        line.remove_prefix(begin);
        const std::size_t end = line.find_first_of(separators);
        words.push_back(line.substr(0, end));
        line.remove_prefix(words.back().size());
    }
    return words;
}

void sort_unique(std::vector<std::string>& texts) {
    std::ranges::sort(texts);
    const auto rest = std::ranges::unique(texts);
    texts.erase(rest.begin(), rest.end());
}

}  // namespace

Result<std::vector<UnitState>> parse_units(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    const auto* array = std::get_if<JsonValue::Array>(&document.value);
    if (array == nullptr) {
        return failure(ErrorKind::Corrupt, "base.bad_json", "not as expected: an array");
    }
    THIMBLE_TRY(auto units, read_items<UnitState>(*array, [](const JsonValue& value) {
                    JsonMembers members(value);
                    UnitState unit{
                        .name = members.text("unit"),
                        .active = members.text("active"),
                        .sub = members.text("sub")};
                    const auto said = members.done();
                    return said ? Result<UnitState>(std::move(unit))
                                : Result<UnitState>(said.error());
                }));
    std::ranges::sort(units, {}, &UnitState::name);
    return units;
}

std::vector<std::string> parse_mounts(std::string_view mountinfo) {
    std::vector<std::string> mounts;
    while (!mountinfo.empty()) {
        // "36 35 98:0 / /boot rw,noatime shared:1 - ext4 /dev/sda1 rw"
        const std::vector<std::string_view> words = words_of(take_line(mountinfo), " ");
        const auto dash = std::ranges::find(words, "-");
        if (words.size() < 5 || dash == words.end() || dash + 1 == words.end()) {
            continue;
        }
        const std::string_view path = words[4];
        const std::string_view type = *(dash + 1);
        if (is_place(path, type)) {
            mounts.push_back(std::string(path) + " " + std::string(type));
        }
    }
    sort_unique(mounts);
    return mounts;
}

std::vector<std::string> parse_default_routes(std::string_view route) {
    std::vector<std::string> interfaces;
    take_line(route);  // the heading
    while (!route.empty()) {
        const std::vector<std::string_view> words = words_of(take_line(route), "\t ");
        if (words.size() > 7 && words[1] == "00000000" && words[7] == "00000000") {
            interfaces.emplace_back(words[0]);
        }
    }
    sort_unique(interfaces);
    return interfaces;
}

}  // namespace thimble::verify
