#include "thimble/cli/taken_back_memory.hpp"

#include "thimble/base/lines.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace thimble::cli {
namespace {

constexpr std::size_t kFields = 4;
constexpr std::streamsize kMaxBytes = std::streamsize{1} << 20;

bool is_plain(const std::string& field) {
    return field.find_first_of(std::string_view("\t\n\0", 3)) == std::string::npos;
}

}  // namespace

std::vector<TakenBackPatch> parse_taken_back(std::string_view text) {
    std::vector<TakenBackPatch> patches;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        const auto fields = split_fields<kFields>(line, '\t');
        if (fields && std::ranges::none_of(*fields, &std::string_view::empty)) {
            const auto& [root, source, version, run] = *fields;
            patches.push_back(
                {std::string(root), std::string(source), std::string(version), std::string(run)});
        }
    }
    return patches;
}

std::string format_taken_back(std::span<const TakenBackPatch> patches) {
    std::string text;
    for (const TakenBackPatch& patch : patches) {
        if (is_plain(patch.root) && is_plain(patch.source) && is_plain(patch.version)
            && is_plain(patch.run)) {
            text +=
                patch.root + '\t' + patch.source + '\t' + patch.version + '\t' + patch.run + '\n';
        }
    }
    return text;
}

std::filesystem::path taken_back_path(const std::filesystem::path& state) {
    return state / "taken-back.tsv";
}

void block_taken_back(
    std::span<const TakenBackPatch> patches, const std::string& root, model::Inventory& inventory) {
    for (model::Offer& offer : inventory.offers) {
        const auto found = std::ranges::find_if(patches, [&](const TakenBackPatch& patch) {
            return patch.root == root && patch.source == offer.source_name
                && patch.version == offer.source_version;
        });
        if (found == patches.end()) {
            continue;
        }
        const auto place = std::ranges::find_if(offer.blockers, [](const model::Blocker& blocker) {
            return blocker.kind > model::BlockerKind::TakenBack;
        });
        offer.blockers.insert(
            place,
            {.kind = model::BlockerKind::TakenBack,
             .detail = "run " + found->run + " took it back"});
    }
}

std::vector<TakenBackPatch> read_taken_back(const std::filesystem::path& state) {
    std::ifstream in(taken_back_path(state), std::ios::binary);
    std::string text(static_cast<std::size_t>(kMaxBytes), '\0');
    in.read(text.data(), kMaxBytes);
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
    return parse_taken_back(text);
}

}  // namespace thimble::cli
