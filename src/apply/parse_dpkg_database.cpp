#include "thimble/apply/dpkg_database.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/result.hpp"
#include "thimble/base/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

struct StateName {
    DpkgState state;
    std::string_view name;
};
constexpr std::array<StateName, 8> kStates{{
    {DpkgState::NotInstalled, "not-installed"},
    {DpkgState::ConfigFiles, "config-files"},
    {DpkgState::HalfInstalled, "half-installed"},
    {DpkgState::Unpacked, "unpacked"},
    {DpkgState::HalfConfigured, "half-configured"},
    {DpkgState::TriggersAwaited, "triggers-awaited"},
    {DpkgState::TriggersPending, "triggers-pending"},
    {DpkgState::Installed, "installed"},
}};

/// `want flag state`.
bool read_status(std::string_view text, DpkgEntry& entry) {
    const std::string_view want = take_word(text);
    entry.held = want == "hold";
    entry.removal_wanted = want == "deinstall" || want == "purge";
    entry.reinstall_required = take_word(text) == "reinstreq";
    const auto* found = std::ranges::find(kStates, take_word(text), &StateName::name);
    if (found == kStates.end()) {
        return false;
    }
    entry.state = found->state;
    return true;
}

/// ` /path md5 [obsolete] [remove-on-upgrade]`; a path may hold blanks.
void read_conffile(std::string_view line, DpkgEntry& entry) {
    DpkgConffile conffile;
    line = trimmed(line);
    for (;;) {
        const std::size_t blank = line.rfind(' ');
        if (blank == std::string_view::npos) {
            return;
        }
        const std::string_view word = line.substr(blank + 1);
        line = line.substr(0, blank);
        if (word == "obsolete" || word == "remove-on-upgrade") {
            conffile.obsolete = conffile.obsolete || word == "obsolete";
            continue;
        }
        conffile.md5 = word;
        break;
    }
    conffile.path = line;
    entry.conffiles.push_back(std::move(conffile));
}

class StanzaReader {
public:
    /// @return false when the field cannot be read
    bool take(std::string_view line) {
        begun_ = true;
        entry_.stanza += line;
        entry_.stanza += '\n';
        if (line.front() == ' ' || line.front() == '\t') {
            if (in_conffiles_) {
                read_conffile(line, entry_);
            }
            return true;
        }
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) {
            return false;
        }
        const std::string_view name = line.substr(0, colon);
        const std::string_view value = trimmed(line.substr(colon + 1));
        in_conffiles_ = name == "Conffiles";
        if (name == "Package") {
            entry_.name = value;
        } else if (name == "Version") {
            entry_.version = value;
        } else if (name == "Architecture") {
            entry_.architecture = value;
        } else if (name == "Status") {
            has_status_ = read_status(value, entry_);
            return has_status_;
        }
        return true;
    }

    [[nodiscard]] bool has_begun() const { return begun_; }

    [[nodiscard]] bool is_whole() const { return !entry_.name.empty() && has_status_; }

    DpkgEntry finish() {
        DpkgEntry entry = std::move(entry_);
        *this = {};
        return entry;
    }

    [[nodiscard]] const std::string& name() const { return entry_.name; }

private:
    DpkgEntry entry_;
    bool begun_ = false;
    bool has_status_ = false;
    bool in_conffiles_ = false;
};

Error bad_database(const std::string& package) {
    return failure(
        ErrorKind::Corrupt,
        "apply.bad_database",
        "the database of dpkg is damaged"
            + (package.empty() ? std::string() : " at " + printable(package, 100)));
}

}  // namespace

std::string_view dpkg_state_name(DpkgState state) {
    return std::ranges::find(kStates, state, &StateName::state)->name;
}

Result<std::vector<DpkgEntry>> parse_dpkg_database(std::string_view text) {
    std::vector<DpkgEntry> entries;
    StanzaReader reader;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        if (!line.empty()) {
            if (!reader.take(line)) {
                return bad_database(reader.name());
            }
            continue;
        }
        if (reader.has_begun()) {
            if (!reader.is_whole()) {
                return bad_database(reader.name());
            }
            entries.push_back(reader.finish());
        }
    }
    if (reader.has_begun()) {
        if (!reader.is_whole()) {
            return bad_database(reader.name());
        }
        entries.push_back(reader.finish());
    }
    return entries;
}

void replay_update(std::vector<DpkgEntry>& database, std::vector<DpkgEntry> update) {
    for (DpkgEntry& entry : update) {
        const auto same = [&](const DpkgEntry& other) {
            return other.name == entry.name && other.architecture == entry.architecture;
        };
        const auto found = std::ranges::find_if(database, same);
        if (found != database.end()) {
            *found = std::move(entry);
        } else {
            database.push_back(std::move(entry));
        }
    }
}

std::vector<std::string> parse_automatic_marks(std::string_view text) {
    std::vector<std::string> marks;
    std::string name;
    std::string architecture;
    bool automatic = false;
    const auto finish = [&] {
        if (automatic && !name.empty()) {
            marks.push_back(name + ":" + architecture);
        }
        name.clear();
        architecture.clear();
        automatic = false;
    };
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        if (line.empty()) {
            finish();
            continue;
        }
        const std::size_t colon = std::min(line.find(':'), line.size() - 1);
        const std::string_view value = trimmed(line.substr(colon + 1));
        const std::string_view field = line.substr(0, colon);
        if (field == "Package") {
            name = value;
        } else if (field == "Architecture") {
            architecture = value;
        } else if (field == "Auto-Installed") {
            automatic = value == "1";
        }
    }
    finish();
    std::ranges::sort(marks);
    return marks;
}

std::vector<UcfFile> parse_ucf_registry(std::string_view text) {
    std::vector<UcfFile> files;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        const std::string_view package = take_word(line);
        const std::string_view path = trimmed(line);
        if (!package.empty() && path.starts_with('/') && !path.contains('\0')) {
            files.push_back({.package = std::string(package), .path = std::string(path)});
        }
    }
    return files;
}

}  // namespace thimble::apply
