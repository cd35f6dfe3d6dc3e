#include "thimble/inventory/dpkg_status.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/inventory/package_list.hpp"
#include "thimble/model/inventory.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace thimble::inventory {
namespace {

constexpr std::size_t kMaxGaps = 20;
constexpr std::size_t kMaxField = 4096;  // a name or version longer than this is damage

/// The fields of one stanza that matter, as they stand in the text.
struct Stanza {
    std::string_view package;
    std::string_view version;
    std::string_view status;
    std::string_view source;
    std::string_view architecture;
    std::string_view essential;
    std::string_view origin;
};

/// The field that `line` begins, or null: told apart by the first letter, since nearly all lines
/// are of no interest and there are ten thousands of them.
std::string_view* field_of(Stanza& stanza, std::string_view line, std::size_t& name_length) {
    struct Known {
        std::string_view name;
        std::string_view Stanza::* field;
    };
    const auto match = [&](const Known& known) -> std::string_view* {
        if (!line.starts_with(known.name)) {
            return nullptr;
        }
        name_length = known.name.size();
        return &(stanza.*known.field);
    };
    switch (line.front()) {
        case 'P': return match({.name = "Package:", .field = &Stanza::package});
        case 'V': return match({.name = "Version:", .field = &Stanza::version});
        case 'A': return match({.name = "Architecture:", .field = &Stanza::architecture});
        case 'E': return match({.name = "Essential:", .field = &Stanza::essential});
        case 'O': return match({.name = "Origin:", .field = &Stanza::origin});
        case 'S':
            if (auto* field = match({.name = "Status:", .field = &Stanza::status})) {
                return field;
            }
            return match({.name = "Source:", .field = &Stanza::source});
        default: return nullptr;
    }
}

struct Status {
    bool held = false;
    std::optional<model::PackageState> state;  ///< absent: nothing of it is installed
};

std::optional<model::PackageState> state_named(std::string_view word) {
    if (word == "installed") {
        return model::PackageState::Installed;
    }
    if (word == "half-installed") {
        return model::PackageState::HalfInstalled;
    }
    if (word == "unpacked") {
        return model::PackageState::Unpacked;
    }
    if (word == "half-configured") {
        return model::PackageState::HalfConfigured;
    }
    if (word == "triggers-awaited") {
        return model::PackageState::TriggersAwaited;
    }
    if (word == "triggers-pending") {
        return model::PackageState::TriggersPending;
    }
    return std::nullopt;
}

/// `want flag state`. @return nothing when it is none of dpkg's states
std::optional<Status> parse_status(std::string_view text) {
    Status status;
    status.held = take_word(text) == "hold";
    take_word(text);  // the error flag: "ok" or "reinstreq"
    const std::string_view state = take_word(text);
    status.state = state_named(state);
    if (!status.state && state != "config-files" && state != "not-installed") {
        return std::nullopt;
    }
    return status;
}

/// `Source: name` or `Source: name (version)`.
void set_source(model::InstalledPackage& package, std::string_view source) {
    const std::size_t open = source.find('(');
    const std::size_t close = source.find(')');
    package.source_name =
        source.empty() ? package.name : std::string(trimmed(source.substr(0, open)));
    package.source_version =
        open == std::string_view::npos || close == std::string_view::npos || close < open
        ? package.version
        : std::string(trimmed(source.substr(open + 1, close - open - 1)));
}

class StanzaReader {
public:
    StanzaReader(PackageList& list, StatusField status) : list_(list), status_(status) {}

    void finish(const Stanza& stanza) {
        ++stanzas_;
        Status status{.held = false, .state = model::PackageState::Installed};
        if (status_ == StatusField::Required) {
            const std::optional<Status> told = parse_status(stanza.status);
            if (!told) {
                quarantine(stanza, "has no state that dpkg knows");
                return;
            }
            status = *told;
        }
        if (!status.state) {
            return;
        }
        if (stanza.package.empty() || stanza.package.size() > kMaxField) {
            quarantine(stanza, "has no name");
            return;
        }
        if (stanza.version.empty() || stanza.version.size() > kMaxField) {
            quarantine(stanza, "has no version");
            return;
        }
        model::InstalledPackage& package = list_.packages.emplace_back();
        package.type = "deb";
        package.name = stanza.package;
        package.version = stanza.version;
        package.architecture = stanza.architecture;
        set_source(package, stanza.source);
        package.state = *status.state;
        package.held = status.held;
        package.essential = stanza.essential == "yes";
        package.origin = stanza.origin;
    }

private:
    void quarantine(const Stanza& stanza, std::string_view what) {
        if (list_.gaps.size() == kMaxGaps) {
            return;
        }
        const std::string name = stanza.package.empty() ? "entry " + std::to_string(stanzas_)
                                                        : printable(stanza.package, 100);
        list_.gaps.push_back({
            .code = "inventory.bad_package_entry",
            .detail = "In the dpkg database, " + name + " " + std::string(what) + ".",
            .next = "Run `dpkg --audit` there.",
        });
    }

    PackageList& list_;
    StatusField status_;
    std::size_t stanzas_ = 0;
};

bool is_blank(std::string_view line) {
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

PackageList parse_dpkg_status(std::string_view text, StatusField status) {
    PackageList list;
    list.packages.reserve(text.size() / 800);  // a stanza has some 900 bytes
    StanzaReader reader(list, status);
    Stanza stanza;
    bool in_stanza = false;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        if (line.empty() || is_blank(line)) {
            if (in_stanza) {
                reader.finish(stanza);
                stanza = {};
                in_stanza = false;
            }
            continue;
        }
        in_stanza = true;
        std::size_t name_length = 0;
        if (std::string_view* field = field_of(stanza, line, name_length)) {
            *field = trimmed(line.substr(name_length));
        }
    }
    if (in_stanza) {
        reader.finish(stanza);
    }
    return list;
}

}  // namespace thimble::inventory
