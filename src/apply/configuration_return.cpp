#include "thimble/apply/configuration_return.hpp"

#include "thimble/apply/conffile_record.hpp"
#include "thimble/apply/configuration.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/base/lines.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>

namespace thimble::apply {
namespace {

constexpr std::size_t kMaxDocument = std::size_t{64} << 20;
constexpr const char* kBefore = "/configuration-before.json";
constexpr const char* kAfter = "/configuration-after.json";
constexpr const char* kBack = "/configuration-back.json";
constexpr const char* kReplaced = "/configuration-replaced.json";
constexpr const char* kReplacedEarlier = "/configuration-replaced-earlier.json";

constexpr std::string_view kPutBack = "put back: ";
constexpr std::string_view kTakenAway = "taken away: ";
constexpr std::string_view kLeft = "left as somebody has changed it since: ";
constexpr std::string_view kNotSeen =
    "left as it is, since it is no file or too large to be kept: ";

/// An absent document is an empty list.
Result<std::vector<KeptFile>> read_document(const std::string& path) {
    const auto text = read_whole_file(path, kMaxDocument);
    if (!text && text.error().kind == ErrorKind::NotFound) {
        return std::vector<KeptFile>{};
    }
    if (!text) {
        return text.error();
    }
    return parse_configuration(*text);
}

/// What the way back will overwrite or remove: contents that are on the host now.
std::vector<std::string> replaced_by(
    std::span<const KeptFile> back, std::span<const KeptFile> now) {
    std::vector<std::string> replaced;
    for (const KeptFile& file : now) {
        const auto wanted = std::ranges::find(back, file.path, &KeptFile::path);
        const bool is_lost =
            wanted != back.end() && (wanted->kind != file.kind || wanted->sha256 != file.sha256);
        if (is_lost && file.kind != KeptKind::Absent) {
            replaced.push_back(file.path);
        }
    }
    return replaced;
}

/// What is there and cannot be looked at, or could not when the files were kept: a way back leaves it as it is.
std::vector<std::string> not_seen(
    const std::string& root,
    std::span<const KeptFile> before,
    const std::vector<std::string>& paths) {
    std::vector<std::string> names;
    const auto now = look_at_configuration(root, paths);
    for (const std::string& path : paths) {
        const auto is = std::ranges::find(now, path, &KeptFile::path);
        const bool was_kept = std::ranges::find(before, path, &KeptFile::path) != before.end();
        if (is == now.end() || (!was_kept && is->kind != KeptKind::Absent)) {
            names.push_back(path);
        }
    }
    return names;
}

/// What was not to be put back and is not as it was.
std::vector<std::string> left_by(
    const std::string& root, std::span<const KeptFile> before, std::span<const KeptFile> back) {
    std::vector<KeptFile> candidates;
    std::vector<std::string> names;
    for (const KeptFile& file : before) {
        if (std::ranges::find(back, file.path, &KeptFile::path) == back.end()) {
            candidates.push_back(file);
            names.push_back(file.path);
        }
    }
    std::vector<std::string> left;
    for (const KeptFile& now : look_at_configuration(root, names)) {
        const auto file = std::ranges::find(candidates, now.path, &KeptFile::path);
        if (file->kind != now.kind || file->sha256 != now.sha256) {
            left.push_back(now.path);
        }
    }
    return left;
}

/// Whether nothing is left of files, nor under the names that package managers and editors keep copies by, all of which a purge
/// would take. What cannot be looked at counts as there.
bool is_gone(const std::string& root, const std::vector<std::string>& files) {
    std::vector<std::string> names;
    for (const std::string& path : files) {
        std::ranges::copy(names_beside(path), std::back_inserter(names));
        const std::size_t name = path.rfind('/') + 1;
        names.push_back(path + "~");
        names.push_back(path + ".~1~");
        names.push_back(path.substr(0, name) + "#" + path.substr(name) + "#");
    }
    const auto now = look_at_configuration(root, names);
    return now.size() == names.size() && std::ranges::all_of(now, [](const KeptFile& file) {
               return file.kind == KeptKind::Absent;
           });
}

}  // namespace

/// Those that the package manager knows now, those that were there before, and what may lie beside.
Result<std::vector<std::string>> ConfigurationReturn::paths() {
    THIMBLE_TRY(const auto known, packages_.configuration_files(steps_, archives_));
    THIMBLE_TRY(const auto before, read_document(folder_ + kBefore));
    std::vector<std::string> all;
    for (const std::string& path : known) {
        std::ranges::copy(names_beside(path), std::back_inserter(all));
    }
    for (const KeptFile& file : before) {
        all.push_back(file.path);
    }
    std::ranges::sort(all);
    const auto rest = std::ranges::unique(all);
    all.erase(rest.begin(), rest.end());
    return all;
}

Result<void> ConfigurationReturn::keep() {
    THIMBLE_TRY(const auto wanted, paths());
    THIMBLE_TRY(const auto kept, keep_configuration(root_, wanted, folder_));
    return write_whole_file(folder_ + kBefore, format_configuration(kept));
}

Result<void> ConfigurationReturn::look_after() {
    THIMBLE_TRY(const auto wanted, paths());
    const auto files = look_at_configuration(root_, wanted);
    return write_whole_file(folder_ + kAfter, format_configuration(files));
}

Result<void> ConfigurationReturn::forget() {
    std::error_code error;
    std::filesystem::remove(folder_ + kBack, error);
    if (error) {
        return failure(
            ErrorKind::Unavailable,
            "apply.cannot_write",
            folder_ + kBack + " cannot be removed: " + error.message());
    }
    // What that found is on record, and no more to be returned or forgotten.
    std::filesystem::rename(folder_ + kReplaced, folder_ + kReplacedEarlier, error);
    if (error && error != std::errc::no_such_file_or_directory) {
        return failure(
            ErrorKind::Unavailable,
            "apply.cannot_write",
            folder_ + kReplaced + " cannot be renamed: " + error.message());
    }
    return {};
}

Result<void> ConfigurationReturn::decide() {
    // A way back that was killed has changed files itself: what was decided first stands.
    if (read_whole_file(folder_ + kBack, kMaxDocument)) {
        return {};
    }
    THIMBLE_TRY(const auto before, read_document(folder_ + kBefore));
    THIMBLE_TRY(const auto after, read_document(folder_ + kAfter));
    THIMBLE_TRY(const auto wanted, paths());
    const auto now = look_at_configuration(root_, wanted);
    const auto back = restorable(before, after, now);
    keep_replaced(replaced_by(back, now));
    return write_whole_file(folder_ + kBack, format_configuration(back));
}

/// Without room for a copy the way back goes on all the same: a half state does more harm.
void ConfigurationReturn::keep_replaced(std::span<const std::string> paths) {
    if (paths.empty()) {
        return;
    }
    const auto kept = keep_configuration(root_, paths, folder_);
    if (!kept) {
        return;
    }
    std::vector<std::string> copies;
    std::ranges::transform(*kept, std::back_inserter(copies), &KeptFile::sha256);
    std::erase(copies, "");
    (void)settle_files(folder_, copies);
    (void)write_whole_file(folder_ + kReplaced, format_configuration(*kept));
}

Result<std::vector<KeptFile>> ConfigurationReturn::replaced() const {
    return read_document(folder_ + kReplaced);
}

Result<std::vector<KeptFile>> ConfigurationReturn::brought(
    std::span<const std::string> paths) const {
    THIMBLE_TRY(const auto back, read_document(folder_ + kBack));
    THIMBLE_TRY(auto files, replaced());
    std::erase_if(files, [&](const KeptFile& file) {
        const auto wanted = std::ranges::find(back, file.path, &KeptFile::path);
        return wanted == back.end() || wanted->kind != KeptKind::Absent
            || std::ranges::find(paths, file.path) == paths.end();
    });
    return files;
}

Result<void> ConfigurationReturn::step_aside() {
    std::vector<model::PlannedStep> lasting;
    std::ranges::copy_if(steps_, std::back_inserter(lasting), [](const model::PlannedStep& step) {
        return step.change != model::PlannedChange::Install
            && step.change != model::PlannedChange::Remove;
    });
    THIMBLE_TRY(const auto shipped, packages_.configuration_files(lasting, archives_));
    THIMBLE_TRY(auto aside, brought(shipped));
    for (KeptFile& file : aside) {
        file.kind = KeptKind::Absent;
    }
    THIMBLE_TRY(const auto gone, restore_configuration(root_, aside, folder_));
    (void)gone;
    return {};
}

Result<void> ConfigurationReturn::return_aside() {
    THIMBLE_TRY(const auto wanted, paths());
    THIMBLE_TRY(auto aside, brought(wanted));
    std::vector<std::string> names;
    std::ranges::transform(aside, std::back_inserter(names), &KeptFile::path);
    const auto now = look_at_configuration(root_, names);
    std::erase_if(aside, [&](const KeptFile& file) {
        const auto there = std::ranges::find(now, file.path, &KeptFile::path);
        return there == now.end() || there->kind != KeptKind::Absent;
    });
    THIMBLE_TRY(const auto back, restore_configuration(root_, aside, folder_));
    (void)back;
    return {};
}

Result<std::vector<std::string>> ConfigurationReturn::forget_brought() {
    THIMBLE_TRY(const auto before, read_document(folder_ + kBefore));
    std::vector<model::PlannedStep> added;
    std::vector<std::string> remembered;
    for (const model::PlannedStep& step : steps_) {
        if (step.change != model::PlannedChange::Install) {
            continue;
        }
        THIMBLE_TRY(const auto own, packages_.configuration_files({&step, 1}, archives_));
        // It was removed before, and its configuration was left.
        const bool was_known = std::ranges::any_of(own, [&](const std::string& path) {
            const auto file = std::ranges::find(before, path, &KeptFile::path);
            return file != before.end() && file->kind != KeptKind::Absent;
        });
        if (!was_known && is_gone(root_, own)) {
            added.push_back(step);
        } else if (!was_known) {
            remembered.push_back(step.name);
        }
    }
    THIMBLE_TRY(const auto wanted, paths());
    THIMBLE_TRY(const auto files, brought(wanted));
    std::vector<std::string> gone;
    std::ranges::transform(files, std::back_inserter(gone), &KeptFile::path);
    THIMBLE_TRY(const auto more, packages_.forget(added, gone));
    std::ranges::copy(more, std::back_inserter(remembered));
    return remembered;
}

Result<std::vector<std::string>> files_left_beside(const std::string& folder) {
    THIMBLE_TRY(const auto before, read_document(folder + kBefore));
    THIMBLE_TRY(const auto after, read_document(folder + kAfter));
    return left_beside(before, after);
}

Result<ConfigurationBack> ConfigurationReturn::restore() {
    THIMBLE_TRY(const auto back, read_document(folder_ + kBack));
    THIMBLE_TRY(const auto before, read_document(folder_ + kBefore));
    THIMBLE_TRY(const auto paths, restore_configuration(root_, back, folder_));
    const std::vector<KeptFile> kept = replaced().value_or(std::vector<KeptFile>());
    ConfigurationBack done;
    for (const KeptFile& file : back) {
        const auto has = [&file](const auto& name) {
            return name == file.path;
        };
        const bool is_restored = std::ranges::any_of(paths, has);
        // It may have stepped aside.
        const bool was_there = std::ranges::any_of(kept, has, &KeptFile::path);
        if (file.kind == KeptKind::Absent && (is_restored || was_there)) {
            done.taken_away.push_back(file.path);
        } else if (is_restored) {
            done.put_back.push_back(file.path);
        }
    }
    done.left = left_by(root_, before, back);
    if (!before.empty()) {
        THIMBLE_TRY(const auto all, this->paths());
        done.not_seen = apply::not_seen(root_, before, all);
    }
    done.replaced = kept.empty() ? std::string() : folder_ + kReplaced;
    return done;
}

std::string configuration_words(const ConfigurationBack& back) {
    std::string words;
    const auto add = [&words](const std::vector<std::string>& paths, std::string_view what) {
        if (!paths.empty() && !words.empty()) {
            words += "; ";
        }
        for (const std::string& path : paths) {
            words.append(&path == &paths.front() ? what : ", ").append(path);
        }
    };
    add(back.put_back, kPutBack);
    add(back.taken_away, kTakenAway);
    if (!back.replaced.empty()) {
        words.append(" (what was there: ").append(back.replaced).append(")");
    }
    add(back.left, kLeft);
    add(back.not_seen, kNotSeen);
    return words;
}

std::string_view configuration_words_in(std::string_view detail) {
    Lines lines(detail);
    for (std::string_view line; lines.next(line);) {
        std::size_t begin = line.size();
        for (const std::string_view what :
             {kPutBack, kTakenAway, kLeft, kNotSeen, kRecordNotReturned}) {
            begin = std::min(begin, line.find(what));
        }
        if (begin < line.size()) {
            return line.substr(begin);
        }
    }
    return {};
}

}  // namespace thimble::apply
