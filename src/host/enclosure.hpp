#pragma once
/// @file A root directory whose programs run in namespaces of their own: the clone of a host, in which
/// a patch is rehearsed, and any other directory that a package manager has to work in.

#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace thimble::host {

enum class EnclosureWrites : std::uint8_t {
    CopyOnWrite,  ///< into an overlay that is dropped with the enclosure; the root stays as it is
    Through,      ///< into the root itself
};

/// A folder or file of this machine that the enclosure sees at /run/thimble/<name>.
struct EnclosureBind {
    std::string source;
    std::string name;
    bool writable = false;
};

struct EnclosureOptions {
    std::string root = "/";  ///< the directory that becomes "/"
    EnclosureWrites writes = EnclosureWrites::CopyOnWrite;
    std::string work;  ///< folder of ours for the overlay's files; on a disk, not within an overlay
    std::vector<std::string> masked;  ///< files and folders of the root that are seen empty
    std::vector<EnclosureBind> binds;
    std::uint64_t size_limit = std::uint64_t{8} << 30;  ///< bytes that a copy may come to cost
    bool own_network = true;                            ///< a network with nothing but loopback
};

/// Programs run in mount, PID, IPC, UTS and (own_network) network namespaces of their own, as root of
/// the directory, with /proc, a small /dev, and empty /run and /tmp. Services are not started:
/// policy-rc.d says 101 and no service manager is in sight. Everything in it dies, and all mounts go,
/// when the enclosure is closed or our process ends in whatever way; what a dead process left on the
/// disk is removed by the next that opens one in the same `work` folder.
/// Reading resolves beneath the enclosure's root, as RootHost does.
class Enclosure final : public Host {
public:
    /// @error Denied "host.needs_root"; Unsupported "host.no_overlay", "host.no_namespaces" with what
    ///        is missing; Unavailable: no space, read-only
    static Result<std::unique_ptr<Enclosure>> open(EnclosureOptions options);
    ~Enclosure() override;

    [[nodiscard]] std::string name() const override;
    /// Where this machine sees the enclosure's root; below /proc, so only while it is open.
    [[nodiscard]] std::string local_root() const override;
    Result<std::string> read_file(std::string_view path, std::size_t limit) override;
    Result<std::vector<std::string>> list(std::string_view path) override;
    Result<FileInfo> look(std::string_view path, Follow follow) override;
    Result<std::string> read_link(std::string_view path) override;
    Result<Outcome> run(const Command& command) override;

    /// Bytes on disk that the copy costs so far. CopyOnWrite only.
    Result<std::uint64_t> cost();
    /// Paths that differ from the root: created, changed or removed; sorted. CopyOnWrite only.
    Result<std::vector<std::string>> changed_paths();

private:
    struct Parts;
    explicit Enclosure(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace thimble::host
