#pragma once
/// @file What the transaction did to files, beyond installing packages. Pure.

#include "thimble/rehearse/file_tree.hpp"
#include "thimble/rehearse/linking.hpp"
#include "thimble/rehearse/rehearsal.hpp"
#include "thimble/verify/ephemeral_ports.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::rehearse {

/// The files of all packages, as their lists name them.
class OwnedFiles {
public:
    /// @param list  one path a line. @source dpkg: /var/lib/dpkg/info/<package>.list
    void add_list(std::string_view list);
    /// Also under the other name of a merged /usr.
    [[nodiscard]] bool contains(std::string_view path) const;
    [[nodiscard]] bool empty() const { return paths_.empty(); }

private:
    std::set<std::string, std::less<>> paths_;
};

/// "unowned files": changed, but of no package before or after, nor a cache, log or state that every
/// transaction changes.
/// @param owned  before and after together; empty: not known
Check examine_ownership(const std::vector<std::string>& changed_paths, const OwnedFiles& owned);

/// What the transaction did to files.
struct ChangedFiles {
    const FileTree& before;
    const FileTree& after;
    std::vector<std::string> changed;  ///< plain files, without links in their paths
    std::vector<std::string> gone;     ///< not there any more, or a program that is none any more
    const OwnedFiles& owned;           ///< before and after together
    const std::set<std::string, std::less<>>&
        planned;  ///< of the plan's packages, before and after
};

/// "other packages": changed or removed files of packages that the plan does not touch. Fails when one is or was a program or a
/// library, or a removed folder held one, as when a maintainer script replaces /usr/sbin/sshd or removes /usr.
Check examine_other_packages(const ChangedFiles& facts);

/// "privileges": files that are setuid, setgid or have capabilities and were not, or have more. Fails
/// when one belongs to no package.
Check examine_privileges(const FileTree& before, const FileTree& after, const OwnedFiles& owned);

/// "schedules": timers and cron tables that were not there.
Check examine_schedules(const FileTree& before, const FileTree& after);

/// "linking". Fails when something does not find any more what it needs.
Check examine_linking(const LinkComparison& comparison, bool complete);

/// "listeners": sockets that nobody had. One on another of the ports that the clone's kernel chooses
/// counts as had. @param before, after  "tcp 0.0.0.0:80", sorted
Check examine_listeners(
    const std::vector<std::string>& before,
    const std::vector<std::string>& after,
    verify::PortRange ports);

}  // namespace thimble::rehearse
