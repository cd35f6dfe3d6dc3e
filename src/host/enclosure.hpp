#pragma once
/// @file A root directory whose programs run in namespaces of their own: the clone of a host, in which
/// a patch is rehearsed, and any other directory that a package manager has to work in.

#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/process_limit.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace thimble::host {

class Descriptor;

enum class EnclosureWrites : std::uint8_t {
    CopyOnWrite,  ///< into an overlay that is dropped with the enclosure; the root stays as it is
    Through,      ///< into the root itself
};

/// A folder or file of this machine that the enclosure sees at /run/thimble/<name>, and cannot change: what a
/// maintainer script left in it, as a link, would be followed by whoever writes there next.
struct EnclosureBind {
    std::string source;
    std::string name;
};

struct EnclosureOptions {
    std::string root = "/";  ///< the directory that becomes "/"
    EnclosureWrites writes = EnclosureWrites::CopyOnWrite;
    std::string work;  ///< folder of ours for the overlay's files; on a disk, not within an overlay
    /// Files and folders of the root that are seen empty and cannot be written. What is not there is
    /// no error. `work` is always one of them.
    std::vector<std::string> masked;
    std::vector<EnclosureBind> binds;
    std::uint64_t size_limit = std::uint64_t{8} << 30;  ///< bytes that a copy may come to cost
    std::uint64_t reserve = std::uint64_t{256}
        << 20;                           ///< bytes to be left free on the disk of `work`
    bool own_network = true;             ///< a network with nothing but loopback
    std::uint64_t process_limit = 2048;  ///< processes and threads that a copy may have at a time
    /// Mount points of control groups, best first; a copy is put into one of its own, where that bounds its processes.
    std::vector<std::string> group_roots = process_group_roots();
};

/// A program that goes on while others run in the same enclosure. It and everything that it started is
/// killed when this is destroyed, or the enclosure closed.
class BackgroundProgram {
public:
    BackgroundProgram() = default;
    BackgroundProgram(const BackgroundProgram&) = delete;
    BackgroundProgram& operator=(const BackgroundProgram&) = delete;
    BackgroundProgram(BackgroundProgram&&) = delete;
    BackgroundProgram& operator=(BackgroundProgram&&) = delete;
    virtual ~BackgroundProgram() = default;

    /// Whether it or anything that it started still runs.
    virtual bool is_running() = 0;
    /// How it ended: of the program itself, not of what it left running. Waits for nothing: 0 while
    /// it runs.
    virtual int exit_status() = 0;
    /// What it has said so far on both channels, the last `limit` bytes.
    virtual std::string output(std::size_t limit) = 0;
};

/// Programs run in mount, PID, IPC, UTS and (own_network) network namespaces of their own, as root of
/// the directory, with /proc, a small /dev, and empty /run and /tmp, an environment of their own, no
/// terminal, and fewer rights than root has (enclosure_rights.cpp). Services are not started:
/// policy-rc.d says 101 and no service manager is in sight. Everything in it dies, and all mounts go,
/// when the enclosure is closed or our process ends in whatever way; what a dead process left on the
/// disk is removed by the next that opens one in the same `work` folder.
/// Reading resolves beneath the enclosure's root, as RootHost does. Threads may read, and run programs, beside each other.
class Enclosure final : public Host {
public:
    /// @error Denied "host.needs_root"; Unsupported "host.no_overlay", "host.no_namespaces",
    ///        "host.within_chroot" with what
    ///        is missing; Unavailable "host.no_space", "host.read_only"; Invalid "host.bad_bind"
    static Result<std::unique_ptr<Enclosure>> open(EnclosureOptions options);
    Enclosure(const Enclosure&) = delete;
    Enclosure& operator=(const Enclosure&) = delete;
    Enclosure(Enclosure&&) = delete;
    Enclosure& operator=(Enclosure&&) = delete;
    ~Enclosure() override;

    [[nodiscard]] std::string name() const override;
    /// Where this machine sees the enclosure's root; below /proc, so only while it is open.
    [[nodiscard]] std::string local_root() const override;
    /// The directory that changes go through to; a copy has none.
    [[nodiscard]] std::string plain_root() const override;
    Result<std::string> read_file(std::string_view path, std::size_t limit) override;
    Result<std::vector<std::string>> list(std::string_view path) override;
    Result<FileInfo> look(std::string_view path, Follow follow) override;
    Result<std::string> read_link(std::string_view path) override;
    /// Waits also for nothing that the program leaves in the background: that goes on.
    /// @error as Host::run; Unavailable "host.clone_full" when a copy costs too much, "host.clone_crowded"
    ///        when it wanted more processes than it may have: it was killed, where they are only counted with
    ///        all else that runs in the copy
    Result<Outcome> run(const Command& command) override;

    /// Starts a program and goes on; its time, silence and output limits do not count. Standard input
    /// is empty.
    /// @error NotFound: no such program
    Result<std::unique_ptr<BackgroundProgram>> start(const Command& command);
    /// A TCP socket of the enclosure's own network. @error Unavailable
    Result<Descriptor> tcp_socket(bool ipv6);

    /// File systems below the root that are not in the enclosure: paths within it, sorted.
    [[nodiscard]] const std::vector<std::string>& left_out() const;
    /// How many processes a copy may have, and what holds it to that; for people. Empty: as many as the machine.
    [[nodiscard]] std::string process_limit() const;
    /// Leaves what a copy has changed on the disk when this is closed; the next enclosure does not
    /// remove it. @return the folder
    Result<std::string> keep();

    /// Bytes on disk that the copy costs so far. CopyOnWrite only.
    Result<std::uint64_t> cost();
    /// Paths that differ from the root in content, owner, mode or attributes: created, changed or
    /// removed; sorted. Of a folder that was removed or moved only itself. CopyOnWrite only.
    /// @error Invalid "host.too_big" beyond 2,000,000
    Result<std::vector<std::string>> changed_paths();

private:
    struct Parts;
    explicit Enclosure(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace thimble::host
