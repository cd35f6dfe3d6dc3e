#include "thimble/cli/taken_back_memory.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/cli/host_root.hpp"
#include "thimble/model/package_name.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

namespace thimble::cli {
namespace {

constexpr std::size_t kFields = 4;
constexpr std::size_t kUnreadFields = 3;
constexpr std::string_view kUnread = "unread";
// Of a blocker, around the run.
constexpr std::string_view kRun = "run ";
constexpr std::string_view kTookIt = " took it back";
constexpr std::streamsize kMaxBytes = std::streamsize{1} << 20;

/// A name with a dot is of a run that is being removed.
/// @param error  why it cannot be told; no runs are no error
bool has_runs(const std::filesystem::path& state, std::error_code& error) {
    for (auto entry = std::filesystem::directory_iterator(state / "runs", error);
         !error && entry != std::filesystem::directory_iterator();
         entry.increment(error)) {
        if (!entry->path().filename().string().starts_with('.')) {
            return true;
        }
    }
    if (error == std::errc::no_such_file_or_directory) {
        error.clear();
    }
    return false;
}

bool is_plain(const std::string& field) {
    return field.find_first_of(std::string_view("\t\n\0", 3)) == std::string::npos;
}

void block(model::Offer& offer, const std::string& run) {
    const auto place = std::ranges::find_if(offer.blockers, [](const model::Blocker& blocker) {
        return blocker.kind > model::BlockerKind::TakenBack;
    });
    offer.blockers.insert(
        place,
        {.kind = model::BlockerKind::TakenBack,
         .detail = std::string(kRun) + run + std::string(kTookIt)});
}

}  // namespace

TakenBackMemory parse_taken_back(std::string_view text) {
    TakenBackMemory memory;
    std::size_t lost = 0;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        const auto fields = split_fields<kFields>(line, '\t');
        const auto unread = split_fields<kUnreadFields>(line, '\t');
        if (fields && std::ranges::none_of(*fields, &std::string_view::empty)) {
            const auto& [root, source, version, run] = *fields;
            memory.patches.push_back(
                {std::string(root), std::string(source), std::string(version), std::string(run)});
        } else if (
            unread && unread->front() == kUnread
            && std::ranges::none_of(*unread, &std::string_view::empty)) {
            const auto& [word, root, run] = *unread;
            memory.unread.push_back({std::string(root), std::string(run)});
        } else {
            ++lost;
        }
    }
    if (lost > 0) {
        memory.problem = std::to_string(lost) + " of its lines cannot be read";
    }
    return memory;
}

std::string format_taken_back(const TakenBackMemory& memory) {
    std::string text;
    for (const TakenBackPatch& patch : memory.patches) {
        if (is_plain(patch.root) && is_plain(patch.source) && is_plain(patch.version)
            && is_plain(patch.run)) {
            text +=
                patch.root + '\t' + patch.source + '\t' + patch.version + '\t' + patch.run + '\n';
        }
    }
    for (const UnreadRun& one : memory.unread) {
        if (is_plain(one.root) && is_plain(one.run)) {
            text.append(kUnread).append("\t").append(one.root.empty() ? kAnyRoot : one.root);
            text.append("\t").append(one.run).append("\n");
        }
    }
    return text;
}

std::filesystem::path taken_back_path(const std::filesystem::path& state) {
    return state / "taken-back.tsv";
}

void block_taken_back(
    std::span<const TakenBackPatch> patches, const std::string& root, model::Inventory& inventory) {
    std::vector<TakenBackPatch> own;
    std::ranges::copy_if(patches, std::back_inserter(own), [&](const TakenBackPatch& patch) {
        return is_same_root(patch.root, root);
    });
    for (model::Offer& offer : inventory.offers) {
        const std::string source = model::patch_source(offer.name, offer.source_name);
        const auto found = std::ranges::find_if(own, [&](const TakenBackPatch& patch) {
            // Updates that are no security matter, and kernels, are known by the version of the binary package.
            return (patch.source == offer.source_name || patch.source == source)
                && (patch.version == offer.source_version
                    || patch.version == offer.candidate_version);
        });
        if (found == own.end()) {
            continue;
        }
        block(offer, found->run);
    }
}

void block_pinned(std::span<const inventory::RollbackPin> pins, model::Inventory& inventory) {
    for (model::Offer& offer : inventory.offers) {
        const bool is_blocked =
            std::ranges::find(offer.blockers, model::BlockerKind::TakenBack, &model::Blocker::kind)
            != offer.blockers.end();
        const auto pin = std::ranges::find_if(pins, [&](const inventory::RollbackPin& one) {
            return std::ranges::any_of(one.versions, [&](const inventory::PinnedVersion& pinned) {
                return inventory::is_pinned(
                    pinned, offer.name, offer.architecture, offer.candidate_version);
            });
        });
        if (!is_blocked && pin != pins.end()) {
            block(offer, pin->run);
        }
    }
}

std::string run_that_took_back(const model::Blocker& blocker) {
    const std::string_view detail = blocker.detail;
    const bool is_ours = blocker.kind == model::BlockerKind::TakenBack && detail.starts_with(kRun)
        && detail.ends_with(kTookIt) && detail.size() > kRun.size() + kTookIt.size();
    return is_ours
        ? std::string(detail.substr(kRun.size(), detail.size() - kRun.size() - kTookIt.size()))
        : std::string();
}

TakenBackMemory read_taken_back(const std::filesystem::path& state) {
    const std::filesystem::path path = taken_back_path(state);
    TakenBackMemory memory;
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
        const bool is_missed = !error && has_runs(state, error);
        if (error) {
            memory.is_denied = error == std::errc::permission_denied;
            memory.problem = path.string() + " cannot be read: " + error.message();
        } else if (is_missed) {
            memory.problem = path.string() + " is not there, although there are runs";
        }
        return memory;
    }
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        memory.is_denied = errno == EACCES;
        memory.problem = path.string() + " cannot be read: " + std::strerror(errno);
        return memory;
    }
    std::string text(static_cast<std::size_t>(kMaxBytes), '\0');
    in.read(text.data(), kMaxBytes);
    const bool is_whole = in.eof() && !in.bad();
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
    memory = parse_taken_back(text);
    if (!is_whole) {
        memory.problem = path.string() + " cannot be read as a whole";
    } else if (!memory.problem.empty()) {
        memory.problem = path.string() + ": " + memory.problem;
    }
    return memory;
}

std::vector<model::Gap> gaps_of_memory(const TakenBackMemory& memory, const std::string& root) {
    std::vector<model::Gap> gaps;
    if (!memory.problem.empty()) {
        gaps.push_back(
            {"cli.taken_back_unknown",
             "what runs took back is not known to be blocked: " + memory.problem,
             memory.is_denied ? "run this as root" : "thimble patch resume"});
    }
    for (const UnreadRun& one : memory.unread) {
        if (one.root == kAnyRoot || is_same_root(one.root, root)) {
            gaps.push_back(
                {"cli.run_unread",
                 "the record of run " + one.run
                     + " cannot be read: what it may have taken back is not known to be blocked",
                 "thimble doctor"});
        }
    }
    return gaps;
}

}  // namespace thimble::cli
