#include "thimble/assess/host_sections.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace thimble::assess {
namespace {

/// "9.4" → "9", "3.20.3" → "3.20" with two parts.
std::string_view leading_parts(std::string_view version, int parts) {
    std::size_t end = 0;
    for (int i = 0; i < parts; ++i) {
        const std::size_t dot = version.find('.', end == 0 ? 0 : end + 1);
        end = dot == std::string_view::npos ? version.size() : dot;
    }
    return version.substr(0, end);
}

struct Distribution {
    std::string_view os_id;
    std::string_view ecosystem;
    int version_parts;
};

// One line per distribution whose section is "ECOSYSTEM:VERSION".
constexpr std::array kDistributions{
    Distribution{"debian", "Debian:", 1},
    Distribution{"almalinux", "AlmaLinux:", 1},
    Distribution{"rocky", "Rocky Linux:", 1},
    Distribution{"alpine", "Alpine:v", 2},
};

std::vector<SectionName> ubuntu_sections(const std::string& version) {
    return {
        {"Ubuntu:" + version + ":LTS", Channel::Standard},
        {"Ubuntu:" + version, Channel::Standard},
        {"Ubuntu:Pro:" + version + ":LTS", Channel::Subscription},
    };
}

}  // namespace

std::vector<SectionName> sections_of(const model::OsRelease& os) {
    if (os.version_id.empty()) {
        return {};
    }
    if (os.id == "ubuntu") {
        return ubuntu_sections(os.version_id);
    }
    const auto* at =
        std::find_if(kDistributions.begin(), kDistributions.end(), [&os](const Distribution& row) {
            return row.os_id == os.id;
        });
    if (at == kDistributions.end()) {
        return {};
    }
    return {
        {std::string(at->ecosystem) + std::string(leading_parts(os.version_id, at->version_parts)),
         Channel::Standard}};
}

bool is_third_party(const model::OsRelease& os, const model::InstalledPackage& package) {
    struct Vendor {
        std::string_view os_id;
        std::string_view word;  // in the origin of every package of the distribution
    };
    static constexpr std::array kVendors{
        Vendor{"debian", "Debian"},
        Vendor{"ubuntu", "Ubuntu"},
        Vendor{"almalinux", "AlmaLinux"},
        Vendor{"rocky", "Rocky"},
    };
    // Marks that vendors put into versions and the distributions never do: "20.11.0-1nodesource1",
    // "1.24.0-1~bookworm", "16.1-1.pgdg120+1", "5:26.1.0-1~debian.12~bookworm".
    const bool marked = package.type == "deb"
        && (package.version.contains("nodesource") || package.version.contains("pgdg")
            || package.version.contains("~" + os.id + ".")
            || (!os.version_codename.empty()
                && package.version.contains("~" + os.version_codename)));
    if (marked || package.origin.empty()) {
        return marked;
    }
    const auto* at = std::find_if(
        kVendors.begin(), kVendors.end(), [&os](const Vendor& row) { return row.os_id == os.id; });
    return at != kVendors.end() && !package.origin.contains(at->word);
}

std::string_view language_section(std::string_view purl_type) {
    struct Language {
        std::string_view type;
        std::string_view section;
    };
    static constexpr std::array kLanguages{
        Language{"pypi", "PyPI"},
        Language{"npm", "npm"},
        Language{"cargo", "crates.io"},
        Language{"golang", "Go"},
    };
    const auto* at =
        std::find_if(kLanguages.begin(), kLanguages.end(), [purl_type](const Language& row) {
            return row.type == purl_type;
        });
    return at == kLanguages.end() ? std::string_view{} : at->section;
}

std::optional<std::string> backported_from(std::string_view version) {
    constexpr std::string_view kMark = "~bpo";
    const std::size_t at = version.find(kMark);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view digits = version.substr(at + kMark.size());
    int release = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), release);
    // Before Debian 10 the mark was "~bpo8+1" for jessie and "~bpo70+1" for wheezy.
    if (parsed.ec != std::errc{} || release < 8 || release >= 50) {
        return std::nullopt;
    }
    return std::to_string(release + 1);
}

std::string_view without_backport_suffix(std::string_view version) {
    return version.substr(0, version.find("~bpo"));
}

}  // namespace thimble::assess
