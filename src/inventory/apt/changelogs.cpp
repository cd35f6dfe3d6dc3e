#include "changelogs.hpp"

#include "changelog_targets.hpp"
#include "deb_docs.hpp"
#include "fetch.hpp"
#include "options.hpp"
#include "thimble/inventory/apt_answer.hpp"
#include "thimble/inventory/changelog.hpp"
#include "thimble/model/inventory.hpp"

#include <apt-pkg/cachefile.h>
#include <apt-pkg/hashes.h>
#include <apt-pkg/pkgcache.h>
#include <apt-pkg/pkgrecords.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

namespace thimble::inventory::apt {
namespace {

constexpr int kRounds = 5;  // packages tried per source
constexpr std::uint64_t kMaxPreferred = std::uint64_t{64} << 20;
constexpr std::size_t kMaxCached = std::size_t{4} << 20;

bool is_plain_name(const std::string& text) {
    return !text.empty() && text.front() != '.' && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || c == '.' || c == '+' || c == '-' || c == '~' || c == ':';
    });
}

/// Evidence that was found before, one small file for each way between two versions.
class EvidenceCache {
public:
    explicit EvidenceCache(std::string folder) : folder_(std::move(folder) + "/changelogs/") {
        std::error_code error;
        std::filesystem::create_directories(folder_, error);
    }

    [[nodiscard]] std::optional<model::ChangelogEvidence> find(
        const ChangelogTarget& target) const {
        std::ifstream file(path_of(target), std::ios::binary);
        const std::string text(std::istreambuf_iterator<char>(file), {});
        if (text.empty() || text.size() > kMaxCached) {
            return std::nullopt;
        }
        auto evidence = parse_changelog_evidence(text);
        if (!evidence || evidence->source_name != target.source_name
            || evidence->from_version != target.from_version
            || evidence->to_version != target.to_version) {
            return std::nullopt;
        }
        return *std::move(evidence);
    }

    /// A cache that cannot be written is no cache, and no failure.
    void keep(const ChangelogTarget& target, const model::ChangelogEvidence& evidence) const {
        if (path_of(target).empty()) {
            return;
        }
        const std::string final_path = path_of(target);
        const std::string new_path = final_path + ".new";
        std::ofstream(new_path, std::ios::binary) << format_changelog_evidence(evidence);
        std::error_code error;
        std::filesystem::rename(new_path, final_path, error);
    }

    /// Of updates that are not pending any more nobody asks again.
    void keep_only(const std::vector<ChangelogTarget>& targets) const {
        std::set<std::string> wanted;
        for (const ChangelogTarget& target : targets) {
            wanted.insert(path_of(target));
        }
        std::error_code error;
        std::vector<std::filesystem::path> others;
        for (std::filesystem::directory_iterator entry(folder_, error);
             !error && entry != std::filesystem::directory_iterator();
             entry.increment(error)) {
            if (entry->path().extension() == ".json" && !wanted.contains(entry->path().string())) {
                others.push_back(entry->path());
            }
        }
        for (const std::filesystem::path& other : others) {
            std::filesystem::remove(other, error);
        }
    }

private:
    [[nodiscard]] std::string path_of(const ChangelogTarget& target) const {
        if (!is_plain_name(target.source_name) || !is_plain_name(target.from_version)
            || !is_plain_name(target.to_version)) {
            return {};
        }
        return folder_ + target.source_name + "_" + target.from_version + "_" + target.to_version
            + ".json";
    }

    std::string folder_;
};

std::string describe(pkgRecords& records, const pkgCache::VerIterator& version) {
    std::string text =
        std::string(version.ParentPkg().Name()) + " " + version.VerStr() + " " + version.Arch();
    const HashStringList hashes = records.Lookup(version.FileList()).Hashes();
    if (const HashString* hash = hashes.find("SHA256"); hash != nullptr) {
        text += " SHA256:" + hash->HashValue();
    }
    return text;
}

/// Evidence from one fetched package, or nothing when it does not hold the changelog.
std::optional<model::ChangelogEvidence> evidence_in(
    const ChangelogTarget& target, const DebDocs& docs) {
    const ChangelogFacts facts =
        parse_changelog(docs.changelog, target.from_version, target.to_version);
    if (facts.entries == 0) {
        return std::nullopt;
    }
    return model::ChangelogEvidence{
        .source_name = target.source_name,
        .from_version = target.from_version,
        .to_version = target.to_version,
        .vulnerabilities = facts.vulnerabilities,
        .urgency = facts.urgency,
        .news = parse_news(docs.news, target.from_version, target.to_version),
        .read_from = {}};
}

/// Has the package whose folder is linked to asked next, unless a smaller one may well do.
void prefer(ChangelogTarget& target, const std::string& package) {
    const auto linked = std::ranges::find_if(target.binaries, [&](const auto& version) {
        return version.ParentPkg().Name() == package && version->Size <= kMaxPreferred;
    });
    if (linked != target.binaries.end()) {
        std::rotate(linked, linked + 1, target.binaries.end());
    }
}

class ChangelogReader {
public:
    ChangelogReader(pkgCacheFile& cache, const Options& options, AptAnswer& answer)
        : cache_(cache),
          records_(cache),
          evidence_(options.cache),
          folder_(options.cache),
          deadline_(std::chrono::steady_clock::now() + options.time_limit),
          answer_(answer) {}

    void read() {
        std::vector<ChangelogTarget> open;
        std::vector<ChangelogTarget> targets = find_changelog_targets(cache_, answer_.offers);
        evidence_.keep_only(targets);
        for (ChangelogTarget& target : targets) {
            if (auto cached = evidence_.find(target)) {
                answer_.changelogs.push_back(*std::move(cached));
            } else {
                open.push_back(std::move(target));
            }
        }
        for (int round = 0; round < kRounds && !open.empty(); ++round) {
            read_round(open);
        }
        for (const ChangelogTarget& target : open) {
            tell_missing(target, "none of its packages that were tried holds a changelog");
        }
        add_gap();
        std::ranges::sort(answer_.changelogs, {}, [](const model::ChangelogEvidence& evidence) {
            return std::tie(evidence.source_name, evidence.to_version);
        });
    }

private:
    /// Fetches the next package of every open target and reads it; those that are settled go.
    void read_round(std::vector<ChangelogTarget>& open) {
        std::erase_if(open, [&](const ChangelogTarget& target) {
            if (target.binaries.empty()) {
                tell_missing(target, "no package of it holds a changelog");
            }
            return target.binaries.empty();
        });
        std::vector<pkgCache::VerIterator> versions;
        for (ChangelogTarget& target : open) {
            versions.push_back(target.binaries.back());
            target.binaries.pop_back();
        }
        const std::vector<Fetched> fetched = fetch(cache_, versions, folder_, deadline_);
        std::vector<ChangelogTarget> still_open;
        for (std::size_t at = 0; at < open.size(); ++at) {
            if (!settle(open[at], versions[at], fetched[at])) {
                still_open.push_back(std::move(open[at]));
            }
        }
        open = std::move(still_open);
    }

    /// @return whether there is no more to do for `target`
    bool settle(
        ChangelogTarget& target, const pkgCache::VerIterator& version, const Fetched& fetched) {
        if (fetched.path.empty()) {
            tell_missing(target, fetched.why);
            return true;
        }
        const auto docs = read_deb_docs(fetched.path, version.ParentPkg().Name());
        if (fetched.is_copy) {
            std::error_code error;
            std::filesystem::remove(fetched.path, error);
        }
        if (!docs) {
            tell_missing(target, docs.error().text());
            return true;
        }
        if (!docs->link.empty()) {
            prefer(target, docs->link);
            return false;
        }
        auto evidence = evidence_in(target, *docs);
        if (!evidence) {
            return false;
        }
        evidence->read_from = describe(records_, version);
        evidence_.keep(target, *evidence);
        answer_.changelogs.push_back(*std::move(evidence));
        return true;
    }

    void tell_missing(const ChangelogTarget& target, const std::string& why) {
        missing_.push_back(target.source_name);
        if (first_reason_.empty()) {
            first_reason_ = target.source_name + ": " + why;
        }
    }

    /// One Gap for all: they mostly share their reason.
    void add_gap() {
        if (missing_.empty()) {
            return;
        }
        std::ranges::sort(missing_);
        std::string names;
        for (const std::string& name : missing_) {
            names += names.empty() ? name : ", " + name;
        }
        answer_.gaps.push_back({
            .code = "inventory.no_changelog",
            .detail = "The changelogs of " + std::to_string(missing_.size())
                + " source packages could not be read (" + names + "); " + first_reason_ + ".",
            .next = "Scan again when the package archive can be reached.",
        });
    }

    pkgCacheFile& cache_;
    pkgRecords records_;
    EvidenceCache evidence_;
    std::string folder_;
    std::chrono::steady_clock::time_point deadline_;
    AptAnswer& answer_;
    std::vector<std::string> missing_;  // source names
    std::string first_reason_;
};

}  // namespace

void read_changelogs(pkgCacheFile& cache, const Options& options, AptAnswer& answer) {
    ChangelogReader(cache, options, answer).read();
}

}  // namespace thimble::inventory::apt
