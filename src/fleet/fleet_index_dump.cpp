#include "thimble/fleet/fleet_index.hpp"

#include <algorithm>

namespace thimble::fleet {
namespace {

/// "0-4,7"
std::string ranges_of(const std::vector<HostNumber>& hosts) {
    std::string text;
    for (std::size_t i = 0; i < hosts.size();) {
        const auto first = static_cast<std::uint32_t>(hosts[i]);
        auto last = first;
        for (++i; i < hosts.size() && static_cast<std::uint32_t>(hosts[i]) == last + 1; ++i) {
            ++last;
        }
        text += text.empty() ? "" : ",";
        text += std::to_string(first);
        text += last == first ? "" : "-" + std::to_string(last);
    }
    return text;
}

std::string text_of(const IndexedRelease& release) {
    std::string text;
    for (const assess::SectionName& section : release.sections) {
        text += text.empty() ? "" : " ";
        text += section.key;
    }
    return text;
}

void append_lines(std::string& text, std::vector<std::string> lines) {
    std::ranges::sort(lines);
    for (const std::string& line : lines) {
        text += line + '\n';
    }
}

}  // namespace

std::string FleetIndex::line_of(const IndexedVersion& version) const {
    const assess::Asked asked = this->asked(version);
    std::string line = text_of(releases_[packages_[version.package].release]);
    for (const std::string_view part :
         {asked.name,
          asked.version,
          asked.source_name,
          asked.source_version,
          asked.architecture,
          asked.module_stream}) {
        line += '\t';
        line += part;
    }
    if (version.changelog != 0) {
        const IndexedChangelog& changelog = this->changelog(version);
        line.insert(0, "changelog\t");
        line.append("\t").append(changelog.to_version).append("\t");
        for (const std::uint32_t id : changelog.vulnerabilities) {
            line.append(" ").append(named_[id]);
        }
    }
    return line.append("\t").append(ranges_of(version.hosts.numbers()));
}

std::string FleetIndex::dump() const {
    std::vector<std::string> lines;
    for (const IndexedVersion& version : versions_) {
        if (!version.hosts.is_empty()) {
            lines.push_back(line_of(version));
        }
    }
    std::string text;
    append_lines(text, std::move(lines));

    std::vector<std::vector<HostNumber>> hosts(lists_.size());
    for (std::uint32_t host = 0; host < list_of_host_.size(); ++host) {
        if (const auto list = list_of(HostNumber{host})) {
            hosts[static_cast<std::uint32_t>(*list)].push_back(HostNumber{host});
        }
    }
    lines.clear();
    for (std::size_t list = 0; list < lists_.size(); ++list) {
        if (!hosts[list].empty()) {
            lines.push_back("list\t" + lists_[list].key + '\t' + ranges_of(hosts[list]));
        }
    }
    if (const HostSet unread = hosts_with_unread_changelogs(); !unread.is_empty()) {
        lines.push_back("unread\t" + ranges_of(unread.numbers()));
    }
    append_lines(text, std::move(lines));
    return text;
}

std::size_t FleetIndex::set_bytes() const {
    std::size_t bytes = 0;
    for (const IndexedVersion& version : versions_) {
        bytes += version.hosts.bytes();
    }
    return bytes;
}

std::size_t FleetIndex::list_bytes() const {
    std::size_t bytes = 0;
    for (const List& list : lists_) {
        bytes += sizeof(List) + list.versions.bytes();
    }
    return bytes;
}

}  // namespace thimble::fleet
