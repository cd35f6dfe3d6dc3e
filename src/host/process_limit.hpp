#pragma once
/// @file How many processes an enclosure may have: what runs away in it must not take the machine with it. The
/// enclosure alone makes them.

#include "thimble/host/file_access.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace thimble::host {

/// Where control groups with a bound on processes are looked for, best first: version 2, then version 1.
std::vector<std::string> process_group_roots();

/// A control group with a bound, where the machine has any that we may use; the resource limit of that name does not bind
/// root. Else there is only the bound, for whoever counts. The group goes with this; one that a process of ours
/// left behind when it was killed goes with the next.
/// @source the kernel's documentation of pids.max (cgroup-v2, cgroup-v1/pids)
class ProcessLimit {
public:
    /// @param roots  mount points of control groups
    static ProcessLimit make(std::uint64_t most, const std::vector<std::string>& roots);
    ProcessLimit(ProcessLimit&& other) noexcept;
    ProcessLimit& operator=(ProcessLimit&&) = delete;
    ProcessLimit(const ProcessLimit&) = delete;
    ProcessLimit& operator=(const ProcessLimit&) = delete;
    ~ProcessLimit();

    [[nodiscard]] std::uint64_t most() const { return most_; }
    /// The kernel itself refuses more; else somebody has to count.
    [[nodiscard]] bool is_hard() const { return !folder_.empty(); }
    /// "at most 2048 processes, by a control group (/sys/fs/cgroup)"
    [[nodiscard]] std::string words() const;
    /// To which a child writes "0" to come under the bound; -1: there is no group.
    [[nodiscard]] int door() const { return door_.number(); }
    /// How often the kernel has refused a process so far; 0 where there is no group.
    [[nodiscard]] std::uint64_t refused() const;

private:
    explicit ProcessLimit(std::uint64_t most) : most_(most) {}
    bool take_group(const std::string& parent);

    std::uint64_t most_;
    std::string folder_;  ///< of the group; empty: none
    std::string root_;    ///< the mount point that it is below
    Descriptor door_;
};

/// What the child does with `door`.
/// @return whether it is under the bound; true where there is no group
bool come_under(int door);

/// The number behind "max" in pids.events.
std::uint64_t refused_in(std::string_view events);

}  // namespace thimble::host
