#include "thimble/host/enclosure_mounts.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/enclosure.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/root_host.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace thimble::host {
namespace {

constexpr unsigned long kNoDevices = MS_NOSUID | MS_NODEV;
constexpr unsigned long kBind = MS_BIND;
constexpr unsigned long kReadOnly = MS_RDONLY;

std::string text_of(int error_number) {
    return std::generic_category().message(error_number);
}

/// A path that leads to what a descriptor has open, whatever its name holds.
std::string path_of(const Descriptor& file) {
    return "/proc/self/fd/" + std::to_string(file.number());
}

Result<Descriptor> open_place(const std::string& path) {
    Descriptor place(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (place.number() < 0) {
        return system_error(errno, path);
    }
    return place;
}

// NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that an initializer leaves out
struct MountCall {
    std::string source;
    std::string type = {};  // empty: a bind mount
    unsigned long flags = 0;
    std::string data = {};
};
// NOLINTEND(readability-redundant-member-init)

Result<void> mount_on(const Descriptor& target, const MountCall& call, std::string_view name) {
    const unsigned long flags = call.type.empty() ? kBind : call.flags;
    const std::string where = path_of(target);
    if (::mount(call.source.c_str(), where.c_str(), call.type.c_str(), flags, call.data.c_str())
        != 0) {
        return because("could not be mounted in the enclosure", system_error(errno, name));
    }
    return {};
}

/// Mounts within the enclosure's root. Every path is resolved beneath it, afresh, because what was
/// mounted a moment ago lies on top.
class Builder {
public:
    explicit Builder(const EnclosureBuild& build) : build_(build) {}

    Result<std::vector<std::string>> build() {
        THIMBLE_TRY(make_kit());
        THIMBLE_TRY(mount_layers());
        THIMBLE_TRY(root_, open_place(build_.folder + "/root"));
        THIMBLE_TRY(mount_kernel_files());
        THIMBLE_TRY(mount_devices());
        THIMBLE_TRY(mount_run());
        THIMBLE_TRY(mount_masks());
        THIMBLE_TRY(deny_services());
        return std::move(made_);
    }

    Result<void> enter() {
        // With both arguments "." the old root ends up on top of the new one, and is then let go.
        if (::fchdir(root_.number()) != 0 || ::syscall(SYS_pivot_root, ".", ".") != 0
            || ::umount2(".", MNT_DETACH) != 0 || ::chdir("/") != 0) {
            return because("the root could not be changed", system_error(errno, build_.folder));
        }
        return {};
    }

private:
    [[nodiscard]] std::string kit(std::string_view name) const {
        return build_.folder + "/kit/" + std::string(name);
    }

    Result<Descriptor> find(std::string_view inside) const {
        return open_beneath(root_, inside, O_PATH);
    }

    /// The folder, made when it is not there; one level only.
    Result<Descriptor> find_or_make_folder(const std::string& inside) {
        auto found = find(inside);
        if (found || found.error().kind != ErrorKind::NotFound) {
            return found;
        }
        const std::size_t slash = inside.rfind('/');
        THIMBLE_TRY(const Descriptor parent, find(slash == 0 ? "/" : inside.substr(0, slash)));
        if (::mkdirat(parent.number(), inside.c_str() + slash + 1, 0755) != 0) {
            return system_error(errno, inside);
        }
        made_.push_back(inside);
        return find(inside);
    }

    Result<void> mount_folder(const std::string& inside, const MountCall& call) {
        THIMBLE_TRY(const Descriptor target, find_or_make_folder(inside));
        return mount_on(target, call, inside);
    }

    /// What lies at `inside` is a mount of ours: gives it other flags.
    Result<void> restrict_mount(const std::string& inside, unsigned long flags) const {
        THIMBLE_TRY(const Descriptor target, find(inside));
        if (::mount(
                nullptr, path_of(target).c_str(), nullptr, MS_REMOUNT | MS_BIND | flags, nullptr)
            != 0) {
            return because("could not be restricted", system_error(errno, inside));
        }
        return {};
    }

    Result<void> bind(const Descriptor& source, const std::string& inside, unsigned long flags) {
        THIMBLE_TRY(const Descriptor target, find(inside));
        THIMBLE_TRY(mount_on(target, {.source = path_of(source)}, inside));
        return restrict_mount(inside, flags);
    }

    Result<void> write_kit_file(std::string_view name, mode_t mode, std::string_view text) const {
        const std::string path = kit(name);
        const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
        if (file.number() < 0 || ::fchmod(file.number(), mode) != 0
            || ::write(file.number(), text.data(), text.size())
                != static_cast<ssize_t>(text.size())) {
            return system_error(errno, path);
        }
        return {};
    }

    /// Small files that are mounted over others.
    Result<void> make_kit() {
        THIMBLE_TRY(const Descriptor place, open_place(build_.folder + "/kit"));
        THIMBLE_TRY(mount_on(
            place,
            {.source = "kit", .type = "tmpfs", .flags = kNoDevices, .data = "mode=755,size=64k"},
            "kit"));
        THIMBLE_TRY(write_kit_file("nothing", 0444, ""));
        THIMBLE_TRY(write_kit_file("policy-rc.d", 0755, "#!/bin/sh\nexit 101\n"));
        if (::mkdir(kit("empty").c_str(), 0755) != 0) {
            return system_error(errno, "kit");
        }
        return {};
    }

    Result<void> mount_layers() {
        const std::string& root = build_.options.root;
        for (std::size_t at = 0; at < build_.layers.size(); ++at) {
            const std::string& layer = build_.layers[at];
            const std::string lower = layer == "/" ? root : (root == "/" ? "" : root) + layer;
            THIMBLE_TRY(const Descriptor source, open_place(lower));
            THIMBLE_TRY(
                const Descriptor target,
                open_place(build_.folder + "/root" + (layer == "/" ? "" : layer)));
            if (build_.options.writes == EnclosureWrites::CopyOnWrite) {
                THIMBLE_TRY(mount_overlay(source, target, at));
            } else {
                THIMBLE_TRY(mount_on(target, {.source = path_of(source)}, layer));
                THIMBLE_TRY(restrict_layer(layer, MS_NODEV));
            }
        }
        return {};
    }

    /// Where the machine runs no programs, or gives them no rights, the clone does not either: a script that fails there
    /// must fail here. How a directory is mounted on this machine says nothing of the system in it.
    [[nodiscard]] unsigned long restrictions_of(const std::string& path) const {
        struct statvfs found{};
        if (build_.options.root != "/" || ::statvfs(path.c_str(), &found) != 0) {
            return 0;
        }
        return restrictions_in(found);
    }

    static unsigned long restrictions_in(const struct statvfs& found) {
        return ((found.f_flag & ST_NOEXEC) != 0 ? static_cast<unsigned long>(MS_NOEXEC) : 0UL)
            | ((found.f_flag & ST_NOSUID) != 0 ? static_cast<unsigned long>(MS_NOSUID) : 0UL);
    }

    /// A folder that the machine keeps in memory is no layer: it is restricted within the one that it lies in.
    Result<void> restrict_folder(const std::string& inside) {
        const unsigned long wanted = restrictions_of(inside);
        const auto found = find(inside);
        struct statvfs now{};
        if (!found || ::fstatvfs(found->number(), &now) != 0
            || (restrictions_in(now) & wanted) == wanted) {
            return {};
        }
        return bind(*found, inside, MS_NODEV | wanted);
    }

    Result<void> restrict_layer(const std::string& layer, unsigned long flags) const {
        const std::string path = build_.folder + "/root" + (layer == "/" ? "" : layer);
        // A remount sets all flags anew: what was read-only must stay so.
        struct statvfs before{};
        if (::statvfs(path.c_str(), &before) != 0) {
            return because("could not be looked at", system_error(errno, layer));
        }
        flags |= (before.f_flag & ST_RDONLY) != 0 ? kReadOnly : 0;
        flags |= restrictions_of(layer);
        if (::mount(nullptr, path.c_str(), nullptr, MS_REMOUNT | MS_BIND | flags, nullptr) != 0) {
            return because("could not be restricted", system_error(errno, layer));
        }
        return {};
    }

    /// The folder that holds what is written; it looks like the one that it lies on.
    static Result<Descriptor> make_upper(const Descriptor& lower, const std::string& folder) {
        struct stat status{};
        const std::string upper = folder + "/upper";
        if (::fstat(lower.number(), &status) != 0 || ::mkdir(folder.c_str(), 0700) != 0
            || ::mkdir(upper.c_str(), 0700) != 0 || ::mkdir((folder + "/work").c_str(), 0700) != 0
            || ::chown(upper.c_str(), status.st_uid, status.st_gid) != 0
            || ::chmod(upper.c_str(), status.st_mode & 07777U) != 0) {
            return system_error(errno, folder);
        }
        return open_place(upper);
    }

    Result<void> mount_overlay(
        const Descriptor& lower, const Descriptor& target, std::size_t number) {
        const std::string folder = build_.folder + "/layers/" + std::to_string(number);
        THIMBLE_TRY(const Descriptor upper, make_upper(lower, folder));
        THIMBLE_TRY(const Descriptor work, open_place(folder + "/work"));
        const std::string where = path_of(target);
        const std::string layers = "lowerdir=" + path_of(lower) + ",upperdir=" + path_of(upper)
            + ",workdir=" + path_of(work);
        // Folders can be renamed, what changes only owner or mode (or gets a second name, as dpkg
        // does) is not copied, and nothing is synced: the layer is thrown away. Older kernels lack
        // the last or all of these.
        constexpr auto kExtras = std::to_array<std::string_view>(
            {",redirect_dir=on,metacopy=on,volatile", ",redirect_dir=on,metacopy=on", ""});
        const unsigned long flags = MS_NODEV | restrictions_of(build_.layers[number]);
        int problem = 0;
        for (const std::string_view extra : kExtras) {
            const std::string data = layers + std::string(extra);
            if (::mount("overlay", where.c_str(), "overlay", flags, data.c_str()) == 0) {
                return {};
            }
            problem = errno;
            if (problem != EINVAL) {
                break;
            }
        }
        if (number > 0) {  // vfat and its like cannot be a lower layer
            const std::string& layer = build_.layers[number];
            THIMBLE_TRY(mount_on(target, {.source = path_of(lower)}, layer));
            return restrict_layer(layer, kNoDevices | MS_RDONLY);
        }
        return overlay_error(problem);
    }

    [[nodiscard]] Error overlay_error(int problem) const {
        if (problem == ENODEV) {
            return failure(
                ErrorKind::Unsupported, "host.no_overlay", "the kernel has no overlay file system");
        }
        if (problem == EPERM || problem == EACCES) {
            return failure(
                ErrorKind::Denied,
                "host.needs_root",
                "an overlay may not be mounted here: CAP_SYS_ADMIN is missing");
        }
        return failure(
            ErrorKind::Unsupported,
            "host.no_overlay",
            "no overlay of " + build_.options.root + " can be written to " + build_.options.work
                + " (" + text_of(problem) + "): the work folder must be on a local disk or tmpfs, "
                  "and not within an overlay itself");
    }

    /// Files that speak for the machine's kernel are read-only: root in here is not root out there.
    Result<void> mount_kernel_files() {
        THIMBLE_TRY(mount_folder(
            "/proc", {.source = "proc", .type = "proc", .flags = kNoDevices | MS_NOEXEC}));
        for (const char* const path :
             {"/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs"}) {
            if (const auto found = find(path)) {
                THIMBLE_TRY(bind(*found, path, kNoDevices | MS_NOEXEC | MS_RDONLY));
            }
        }
        for (const char* const path :
             {"/proc/kcore",
              "/proc/keys",
              "/proc/kmsg",
              "/proc/acpi",
              "/proc/scsi",
              "/proc/sched_debug",
              "/proc/timer_list",
              "/proc/latency_stats"}) {
            THIMBLE_TRY(hide(path));
        }
        // Not everywhere allowed, and nothing rests on it.
        static_cast<void>(mount_folder(
            "/sys",
            {.source = "sysfs", .type = "sysfs", .flags = kNoDevices | MS_NOEXEC | MS_RDONLY}));
        return hide("/sys/firmware");
    }

    Result<void> mount_devices() {
        THIMBLE_TRY(mount_folder(
            "/dev",
            {.source = "dev",
             .type = "tmpfs",
             .flags = kNoDevices | MS_NOEXEC,
             .data = "mode=755,size=1m"}));
        THIMBLE_TRY(const Descriptor dev, find("/dev"));
        for (const char* const name : {"null", "zero", "full", "random", "urandom", "tty"}) {
            const auto node = open_place(std::string("/dev/") + name);
            struct stat status{};
            if (!node || ::fstat(node->number(), &status) != 0 || !S_ISCHR(status.st_mode)) {
                continue;
            }
            const Descriptor file(
                ::openat(dev.number(), name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
            // Read-only keeps the machine's own node from a chmod; what is written still arrives.
            THIMBLE_TRY(
                bind(*node, std::string("/dev/") + name, MS_NOSUID | MS_NOEXEC | MS_RDONLY));
        }
        constexpr std::array<std::pair<const char*, const char*>, 5> kLinks{
            {{"/proc/self/fd", "fd"},
             {"/proc/self/fd/0", "stdin"},
             {"/proc/self/fd/1", "stdout"},
             {"/proc/self/fd/2", "stderr"},
             {"pts/ptmx", "ptmx"}}};
        for (const auto& [target, name] : kLinks) {
            [[maybe_unused]] const int linked = ::symlinkat(target, dev.number(), name);
        }
        THIMBLE_TRY(mount_unlisted(
            "/dev/pts",
            {.source = "devpts",
             .type = "devpts",
             .flags = MS_NOSUID | MS_NOEXEC,
             .data = "newinstance,ptmxmode=0666,mode=0620,gid=5"}));
        return mount_unlisted(
            "/dev/shm",
            {.source = "shm", .type = "tmpfs", .flags = kNoDevices, .data = "mode=1777,size=256m"});
    }

    /// As mount_folder, within a file system of ours: the folder is no change of the root.
    Result<void> mount_unlisted(const std::string& inside, const MountCall& call) {
        const std::size_t listed = made_.size();
        auto mounted = mount_folder(inside, call);
        made_.resize(listed);
        return mounted;
    }

    Result<void> mount_run() {
        THIMBLE_TRY(mount_folder(
            "/run",
            {.source = "run", .type = "tmpfs", .flags = kNoDevices, .data = "mode=755,size=64m"}));
        THIMBLE_TRY(const Descriptor run, find("/run"));
        // lock/ is where /var/lock leads; container-manager is what systemd-detect-virt reads.
        if (::mkdirat(run.number(), "lock", 0777) != 0
            || ::fchmodat(run.number(), "lock", 01777, 0) != 0
            || ::mkdirat(run.number(), "thimble", 0755) != 0
            || ::mkdirat(run.number(), "host", 0755) != 0) {
            return system_error(errno, "/run");
        }
        const Descriptor mark(
            ::openat(run.number(), "host/container-manager", O_WRONLY | O_CREAT | O_CLOEXEC, 0444));
        constexpr std::string_view kName = "thimble\n";
        [[maybe_unused]] const ssize_t written = ::write(mark.number(), kName.data(), kName.size());
        for (const EnclosureBind& wanted : build_.options.binds) {
            THIMBLE_TRY(mount_bind(run, wanted));
        }
        THIMBLE_TRY(const Descriptor tmp, open_place(build_.folder + "/tmp"));
        if (::chmod((build_.folder + "/tmp").c_str(), 01777) != 0) {
            return system_error(errno, "/tmp");
        }
        THIMBLE_TRY(find_or_make_folder("/tmp"));
        THIMBLE_TRY(bind(tmp, "/tmp", kNoDevices | restrictions_of("/tmp")));
        return restrict_folder("/var/tmp");
    }

    Result<void> mount_bind(const Descriptor& run, const EnclosureBind& wanted) {
        THIMBLE_TRY(const Descriptor source, open_place(wanted.source));
        const std::string name = "thimble/" + wanted.name;
        struct stat status{};
        if (::fstat(source.number(), &status) != 0) {
            return system_error(errno, wanted.source);
        }
        if (S_ISDIR(status.st_mode)) {
            static_cast<void>(::mkdirat(run.number(), name.c_str(), 0755));
        } else {
            const Descriptor file(
                ::openat(run.number(), name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
        }
        return bind(source, "/run/" + name, kNoDevices | kReadOnly);
    }

    /// Makes a file or folder look empty; one that is not there is well hidden already.
    Result<void> hide(const std::string& inside) {
        const auto found = find(inside);
        if (!found) {
            return {};
        }
        struct stat status{};
        if (::fstat(found->number(), &status) != 0) {
            return system_error(errno, inside);
        }
        THIMBLE_TRY(
            const Descriptor source,
            open_place(kit(S_ISDIR(status.st_mode) ? "empty" : "nothing")));
        return bind(source, inside, kNoDevices | MS_NOEXEC | MS_RDONLY);
    }

    Result<void> mount_masks() {
        for (const std::string& path : build_.options.masked) {
            THIMBLE_TRY(hide(path));
        }
        // Our own work folder: the clone must not see itself.
        const std::string& root = build_.options.root;
        const std::string& work = build_.options.work;
        if (root == "/") {
            return hide(work);
        }
        return work.starts_with(root + "/") ? hide(work.substr(root.size())) : Result<void>();
    }

    static bool is_left_behind(const Descriptor& policy) {
        struct stat status{};
        constexpr mode_t kMode = 0644;
        return ::fstat(policy.number(), &status) == 0 && S_ISREG(status.st_mode)
            && status.st_size == 0 && status.st_uid == 0 && (status.st_mode & 07777U) == kMode;
    }

    /// @source policy-rc.d: 101 is "action forbidden by policy" (Debian's invoke-rc.d)
    Result<void> deny_services() {
        constexpr const char* kPolicy = "/usr/sbin/policy-rc.d";
        const auto folder = find("/usr/sbin");
        if (!folder) {
            return {};  // no Debian
        }
        const auto there = find(kPolicy);
        if (there && is_left_behind(*there)) {
            made_.emplace_back(kPolicy);  // by an enclosure that was killed
        }
        if (!there) {
            // Not executable and empty: whoever finds it left behind ignores it.
            const Descriptor made(::openat(
                folder->number(), "policy-rc.d", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
            if (made.number() < 0 && errno == EROFS) {
                return failure(
                    ErrorKind::Unavailable,
                    "host.read_only",
                    "the root is mounted read-only: nothing can be installed there before it is "
                    "mounted for writing");
            }
            if (made.number() < 0) {
                return because("services cannot be denied", system_error(errno, kPolicy));
            }
            made_.emplace_back(kPolicy);
        }
        THIMBLE_TRY(const Descriptor source, open_place(kit("policy-rc.d")));
        return bind(source, kPolicy, kNoDevices | MS_RDONLY);
    }

    const EnclosureBuild& build_;
    Descriptor root_;
    std::vector<std::string> made_;
};

}  // namespace

Result<std::vector<std::string>> build_enclosure(const EnclosureBuild& build) {
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        return because("mounts could not be made private", system_error(errno, "/"));
    }
    Builder builder(build);
    THIMBLE_TRY(std::vector<std::string> made, builder.build());
    THIMBLE_TRY(builder.enter());
    return made;
}

}  // namespace thimble::host
