#include "thimble/apply/host_snapshot.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/lines.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace thimble::apply {
namespace {

constexpr std::string_view kPrefix = "thimble-";
constexpr std::string_view kOthers = "/@_.:+-";  // in names of volumes, datasets and paths
constexpr std::string_view kFolder = "/.thimble-snapshots/";
constexpr std::array kNames{
    std::pair{SnapshotKind::Snapper, std::string_view("snapper")},
    std::pair{SnapshotKind::Btrfs, std::string_view("btrfs")},
    std::pair{SnapshotKind::Zfs, std::string_view("zfs")},
    std::pair{SnapshotKind::Lvm, std::string_view("lvm")}};

bool has_tool(const SnapshotFacts& facts, std::string_view tool) {
    return std::ranges::find(facts.tools, tool) != facts.tools.end();
}

/// "vg/lv" of "/dev/mapper/vg-lv": a dash within a name is doubled there. Empty: not of that form.
/// @source lvm(8)
std::string volume_of(std::string_view device) {
    constexpr std::string_view kMapper = "/dev/mapper/";
    if (!device.starts_with(kMapper)) {
        return {};
    }
    device.remove_prefix(kMapper.size());
    std::string volume;
    bool has_group = false;
    for (std::size_t at = 0; at < device.size(); ++at) {
        if (device[at] != '-') {
            volume += device[at];
        } else if (at + 1 < device.size() && device[at + 1] == '-') {
            volume += '-';
            ++at;
        } else if (!has_group) {
            volume += '/';
            has_group = true;
        } else {
            return {};
        }
    }
    return has_group ? volume : std::string();
}

std::string group_of(const std::string& volume) {
    return volume.substr(0, volume.find('/'));
}

/// A word that no tool takes for an option, and that leads nowhere else.
bool is_sound(std::string_view word) {
    return !word.empty() && word.front() != '-' && !word.contains("..")
        && std::ranges::all_of(word, [](char c) {
               const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
               return is_letter || (c >= '0' && c <= '9') || kOthers.contains(c);
           });
}

/// Only what this program named may be removed.
bool is_ours(const Snapshot& snapshot) {
    switch (snapshot.kind) {
        case SnapshotKind::Snapper: return true;
        case SnapshotKind::Btrfs: return snapshot.name.contains(kFolder);
        case SnapshotKind::Zfs: return snapshot.name.contains("@thimble-");
        case SnapshotKind::Lvm: return snapshot.name.contains("/thimble-");
    }
    return false;
}

}  // namespace

std::optional<Snapshot> plan_snapshot(const SnapshotFacts& facts, const std::string& run) {
    const std::string ours = std::string(kPrefix) + run;
    if (!facts.snapper_config.empty() && has_tool(facts, "snapper")) {
        return Snapshot{.kind = SnapshotKind::Snapper, .name = {}, .source = facts.snapper_config};
    }
    if (facts.type == "btrfs" && facts.is_subvolume && has_tool(facts, "btrfs")) {
        const std::string root = facts.root == "/" ? "" : facts.root;
        return Snapshot{
            .kind = SnapshotKind::Btrfs,
            .name = root + std::string(kFolder) + run,
            .source = facts.root};
    }
    if (facts.type == "zfs" && has_tool(facts, "zfs")) {
        return Snapshot{
            .kind = SnapshotKind::Zfs, .name = facts.source + "@" + ours, .source = facts.source};
    }
    const std::string volume = volume_of(facts.source);
    if (!volume.empty() && has_tool(facts, "lvcreate")) {
        return Snapshot{
            .kind = SnapshotKind::Lvm, .name = group_of(volume) + "/" + ours, .source = volume};
    }
    return std::nullopt;
}

std::vector<std::string> create_command(const Snapshot& snapshot, const std::string& run) {
    switch (snapshot.kind) {
        case SnapshotKind::Snapper:
            return {
                "snapper",
                "--no-dbus",
                "-c",
                snapshot.source,
                "create",
                "--type",
                "single",
                "--cleanup-algorithm",
                "number",
                "--print-number",
                "--description",
                "before Thimble run " + run};
        case SnapshotKind::Btrfs:
            return {"btrfs", "subvolume", "snapshot", "-r", snapshot.source, snapshot.name};
        case SnapshotKind::Zfs: return {"zfs", "snapshot", snapshot.name};
        case SnapshotKind::Lvm:
            return {
                "lvcreate",
                "--snapshot",
                "--extents",
                "10%ORIGIN",
                "--name",
                snapshot.name.substr(snapshot.name.find('/') + 1),
                snapshot.source};
    }
    return {};
}

std::vector<std::string> remove_command(const Snapshot& snapshot) {
    switch (snapshot.kind) {
        case SnapshotKind::Snapper: return {};
        case SnapshotKind::Btrfs: return {"btrfs", "subvolume", "delete", snapshot.name};
        case SnapshotKind::Zfs: return {"zfs", "destroy", snapshot.name};
        case SnapshotKind::Lvm: return {"lvremove", "--yes", snapshot.name};
    }
    return {};
}

std::vector<std::string> list_command(const Snapshot& snapshot) {
    switch (snapshot.kind) {
        case SnapshotKind::Snapper: return {};
        case SnapshotKind::Btrfs: return {"btrfs", "subvolume", "list", "-a", snapshot.source};
        case SnapshotKind::Zfs:
            return {
                "zfs", "list", "-H", "-t", "snapshot", "-o", "name", "-d", "1", snapshot.source};
        case SnapshotKind::Lvm:
            return {
                "lvs", "--all", "--noheadings", "--options", "lv_name", group_of(snapshot.name)};
    }
    return {};
}

bool is_listed(const Snapshot& snapshot, std::string_view list) {
    const std::string volume = snapshot.name.substr(snapshot.name.find('/') + 1);
    // Of btrfs, paths are those of the whole file system, of which the root may be another subvolume by now.
    const std::string below =
        snapshot.name.substr(std::min(snapshot.name.find(kFolder), snapshot.name.size()));
    const auto names_it = [&](std::string_view line) {
        switch (snapshot.kind) {
            case SnapshotKind::Snapper: return true;
            case SnapshotKind::Btrfs:
                return line.ends_with(below) || line.ends_with(" path " + below.substr(1));
            case SnapshotKind::Zfs: return line == snapshot.name;
            case SnapshotKind::Lvm:  // in brackets while it is merged
                return line == volume || line == "[" + volume + "]";
        }
        return true;
    };
    Lines lines(list);
    for (std::string_view line; lines.next(line);) {
        if (names_it(trimmed(line))) {
            return true;
        }
    }
    return false;
}

std::string way_back_words(const Snapshot& snapshot) {
    switch (snapshot.kind) {
        case SnapshotKind::Snapper:
            return "snapper -c " + snapshot.source + " undochange " + snapshot.name
                + "..0 puts all files of that subvolume back";
        case SnapshotKind::Btrfs:
            return snapshot.name + " holds the root as it was: copy from it, or make a writable "
                                   "snapshot of it and boot that";
        case SnapshotKind::Zfs:
            return "zfs rollback " + snapshot.name
                + " and a reboot; what was written since is lost, in all of that dataset";
        case SnapshotKind::Lvm:
            return "lvconvert --merge " + snapshot.name
                + " and a reboot; what was written since is lost, in all of that volume";
    }
    return {};
}

std::string_view snapshot_kind_name(SnapshotKind kind) {
    const auto* const found =
        std::ranges::find(kNames, kind, &std::pair<SnapshotKind, std::string_view>::first);
    return found == kNames.end() ? std::string_view() : found->second;
}

std::string parse_snapper_subvolume(std::string_view text) {
    constexpr std::string_view kKey = "SUBVOLUME=";
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        if (!line.starts_with(kKey)) {
            continue;
        }
        line.remove_prefix(kKey.size());
        const bool quoted = line.size() >= 2 && line.front() == line.back()
            && (line.front() == '"' || line.front() == '\'');
        return std::string(quoted ? line.substr(1, line.size() - 2) : line);
    }
    return {};
}

std::string format_snapshot(const Snapshot& snapshot) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble.snapshot/1");
    json.member("kind", snapshot_kind_name(snapshot.kind)).member("name", snapshot.name);
    json.member("source", snapshot.source);
    json.member("way_back", way_back_words(snapshot)).close_object();
    return text;
}

Result<Snapshot> parse_snapshot(std::string_view text) {
    const auto bad = [](const std::string& why) {
        return failure(
            ErrorKind::Corrupt, "apply.bad_snapshot", "the record of a snapshot: " + why);
    };
    const auto document = parse_json(text);
    if (!document) {
        return bad(document.error().text());
    }
    JsonMembers members(*document);
    const std::string format = members.text("format");
    const std::string kind = members.text("kind");
    Snapshot snapshot;
    snapshot.name = members.text("name");
    snapshot.source = members.text("source");
    const auto* const named =
        std::ranges::find(kNames, kind, &std::pair<SnapshotKind, std::string_view>::second);
    if (!members.done() || format != "thimble.snapshot/1" || named == kNames.end()) {
        return bad("it is not of this format");
    }
    snapshot.kind = named->first;
    if (!is_sound(snapshot.name) || !is_sound(snapshot.source) || !is_ours(snapshot)) {
        return bad("a name in it cannot be one");
    }
    return snapshot;
}

}  // namespace thimble::apply
