#include "thimble/host/enclosure.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/conversation.hpp"
#include "thimble/host/enclosure_background.hpp"
#include "thimble/host/enclosure_folder.hpp"
#include "thimble/host/enclosure_mounts.hpp"
#include "thimble/host/enclosure_process.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/overlay_changes.hpp"
#include "thimble/host/parse_mount_table.hpp"
#include "thimble/host/process_limit.hpp"
#include "thimble/host/root_host.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::host {
namespace {

using SteadyClock = std::chrono::steady_clock;

std::string megabytes(std::uint64_t bytes) {
    return std::to_string(bytes >> 20) + " MiB";
}

bool is_plain_name(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && !name.contains('/')
        && !name.contains('\0');
}

Result<void> check_options(const EnclosureOptions& options) {
    if (::geteuid() != 0) {
        return failure(
            ErrorKind::Denied, "host.needs_root", "an enclosure can only be made by root");
    }
    THIMBLE_TRY(check_path(options.root));
    THIMBLE_TRY(check_path(options.work));
    for (const std::string& path : options.masked) {
        THIMBLE_TRY(check_path(path));
    }
    for (const EnclosureBind& bind : options.binds) {
        THIMBLE_TRY(check_path(bind.source));
        if (!is_plain_name(bind.name)) {
            return failure(
                ErrorKind::Invalid, "host.bad_bind", "the name of a bind must be a plain name");
        }
    }
    return {};
}

/// The root without links and trailing slashes, as the table of mounts names it.
Result<std::string> real_path(const std::string& path) {
    const std::unique_ptr<char, decltype(&::free)> real(::realpath(path.c_str(), nullptr), ::free);
    if (!real) {
        return system_error(errno, path);
    }
    struct stat status{};
    if (::stat(real.get(), &status) != 0 || !S_ISDIR(status.st_mode)) {
        return failure(ErrorKind::Invalid, "host.not_a_folder", path + " is not a folder");
    }
    return std::string(real.get());
}

Result<std::string> read_mount_table() {
    const Descriptor file(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
    if (file.number() < 0) {
        return system_error(errno, "/proc/self/mountinfo");
    }
    return read_descriptor(file, "/proc/self/mountinfo", std::size_t{64} << 20);
}

/// Looks at what the copy costs, often by a cheap look and seldom by a thorough one. For programs that run beside each other.
class SizeWatch {
public:
    Result<void> look(const EnclosureFolder& folder, const EnclosureOptions& options) {
        const std::scoped_lock lock(mutex_);
        THIMBLE_TRY(const std::uint64_t free, folder.free_bytes());
        if (free < options.reserve) {
            return full(
                "less than " + megabytes(options.reserve) + " are left on the disk of "
                + options.work);
        }
        const std::uint64_t used = free_before_ > free ? free_before_ - free : 0;
        const auto now = SteadyClock::now();
        if (now < next_count_ && used < margin_) {
            return {};
        }
        THIMBLE_TRY(const std::uint64_t cost, folder.cost());
        if (cost > options.size_limit) {
            return full("the clone needs more than " + megabytes(options.size_limit));
        }
        free_before_ = free;
        margin_ = (options.size_limit - cost) / 2;
        // Counting takes at most a twentieth of the time.
        next_count_ = SteadyClock::now()
            + std::max<SteadyClock::duration>(
                          std::chrono::seconds(2), 20 * (SteadyClock::now() - now));
        return {};
    }

private:
    static Error full(std::string text) {
        return failure(ErrorKind::Unavailable, "host.clone_full", std::move(text));
    }

    std::mutex mutex_;
    std::uint64_t free_before_ = 0;
    std::uint64_t margin_ = 0;
    SteadyClock::time_point next_count_;
};

/// Looks whether a program in a copy wants more processes than the copy may have.
class CrowdWatch {
public:
    CrowdWatch(const ProcessLimit& limit, RootHost& files)
        : limit_(limit), files_(files), refused_before_(limit.refused()) {}

    Result<void> look() {
        const bool is_crowded =
            limit_.is_hard() ? limit_.refused() > refused_before_ : count() > limit_.most();
        if (is_crowded) {
            return failure(
                ErrorKind::Unavailable,
                "host.clone_crowded",
                "the clone wanted more processes than it may have (" + limit_.words() + ")");
        }
        return {};
    }

private:
    std::uint64_t count() {
        const auto names = files_.list("/proc");
        return names
            ? static_cast<std::uint64_t>(std::ranges::count_if(
                  *names, [](const std::string& name) { return name[0] >= '1' && name[0] <= '9'; }))
            : 0;
    }

    const ProcessLimit& limit_;
    RootHost& files_;
    std::uint64_t refused_before_;
};

}  // namespace

/// In the order in which they are made; they end in the opposite one.
struct Enclosure::Parts {
    EnclosureOptions options;
    EnclosureFolder folder;
    ProcessLimit processes;
    std::vector<std::string> layers;
    std::vector<std::string> left_out;
    EnclosureKeeper keeper;
    std::shared_ptr<const Namespaces> namespaces;  // shared with programs in the background
    std::unique_ptr<RootHost> files;
    std::unique_ptr<SizeWatch> size;
    std::vector<std::shared_ptr<RunningProgram>> background;  // shared: see RunningProgram
    std::size_t started = 0;

    [[nodiscard]] bool is_copy() const { return options.writes == EnclosureWrites::CopyOnWrite; }
    [[nodiscard]] Result<void> require_copy() const {
        if (!is_copy()) {
            return failure(
                ErrorKind::Unsupported, "host.no_copy", "the enclosure writes to the root itself");
        }
        return {};
    }
    [[nodiscard]] std::string lower(const std::string& layer) const {
        const std::string& root = options.root;
        return layer == "/" ? root : (root == "/" ? "" : root) + layer;
    }
};

Result<std::unique_ptr<Enclosure>> Enclosure::open(EnclosureOptions options) {
    THIMBLE_TRY(check_options(options));
    THIMBLE_TRY(options.root, real_path(options.root));
    THIMBLE_TRY(EnclosureFolder folder, EnclosureFolder::make(options.work));
    THIMBLE_TRY(options.work, real_path(options.work));
    THIMBLE_TRY(const std::uint64_t free, folder.free_bytes());
    const bool copy = options.writes == EnclosureWrites::CopyOnWrite;
    if (copy && free < options.reserve) {
        return failure(
            ErrorKind::Unavailable,
            "host.no_space",
            "less than " + megabytes(options.reserve) + " are free on the disk of " + options.work);
    }
    THIMBLE_TRY(const std::string table, read_mount_table());
    MountSelection mounts = select_mounts(parse_mount_table(table), options.root, !copy);
    std::vector<std::string> layers{"/"};
    layers.insert(layers.end(), mounts.shown.begin(), mounts.shown.end());
    ProcessLimit processes = ProcessLimit::make(
        options.process_limit, copy ? options.group_roots : std::vector<std::string>{});
    THIMBLE_TRY(
        EnclosureKeeper keeper,
        EnclosureKeeper::start(
            EnclosureBuild{
                .options = options,
                .folder = folder.path(),
                .layers = layers,
                .group = processes.door()},
            folder.lock()));
    THIMBLE_TRY(Namespaces namespaces, Namespaces::of(keeper.pid(), processes.door()));
    if (!namespaces.can_enter()) {
        return failure(
            ErrorKind::Unsupported,
            "host.within_chroot",
            "no clone can be made from within a chroot: its programs would run on the machine "
            "outside of it; run on the machine itself, or in a container with a root of its own");
    }
    THIMBLE_TRY(
        std::unique_ptr<RootHost> files,
        RootHost::open("/proc/" + std::to_string(keeper.pid()) + "/root"));
    auto parts = std::make_unique<Parts>(Parts{
        .options = std::move(options),
        .folder = std::move(folder),
        .processes = std::move(processes),
        .layers = std::move(layers),
        .left_out = std::move(mounts.left_out),
        .keeper = std::move(keeper),
        .namespaces = std::make_shared<const Namespaces>(std::move(namespaces)),
        .files = std::move(files),
        .size = std::make_unique<SizeWatch>(),
        .background = {},
        .started = 0});
    return std::unique_ptr<Enclosure>(new Enclosure(std::move(parts)));
}

Enclosure::Enclosure(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Enclosure::~Enclosure() {
    // Process 1 waits for everything that was let in, and it for us.
    for (const auto& program : parts_->background) {
        program->end();
    }
    if (parts_->is_copy()) {
        return;
    }
    // The one file that is put into a root that is written to.
    const auto& made = parts_->keeper.made();
    constexpr std::string_view kPolicy = "/usr/sbin/policy-rc.d";
    if (std::ranges::find(made, kPolicy) != made.end()) {
        const Descriptor root(
            ::open(parts_->options.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        const auto folder = open_beneath(root, "/usr/sbin", O_PATH | O_DIRECTORY);
        struct stat status{};
        if (folder && ::fstatat(folder->number(), "policy-rc.d", &status, AT_SYMLINK_NOFOLLOW) == 0
            && S_ISREG(status.st_mode) && status.st_size == 0) {
            ::unlinkat(folder->number(), "policy-rc.d", 0);
        }
    }
}

std::string Enclosure::name() const {
    return (parts_->is_copy() ? "clone of " : "") + parts_->options.root;
}

std::string Enclosure::local_root() const {
    return parts_->files->local_root();
}

std::string Enclosure::plain_root() const {
    return parts_->is_copy() ? std::string() : parts_->options.root;
}

Result<std::string> Enclosure::read_file(std::string_view path, std::size_t limit) {
    return parts_->files->read_file(path, limit);
}

Result<std::vector<std::string>> Enclosure::list(std::string_view path) {
    return parts_->files->list(path);
}

Result<FileInfo> Enclosure::look(std::string_view path, Follow follow) {
    return parts_->files->look(path, follow);
}

Result<std::string> Enclosure::read_link(std::string_view path) {
    return parts_->files->read_link(path);
}

Result<Outcome> Enclosure::run(const Command& command) {
    LetIn program;
    bool is_beyond_count = false;
    Supervision supervision{
        .start = [&](const Command& wanted, const ChildEnds& ends) -> Result<pid_t> {
            THIMBLE_TRY(
                program, let_in(*parts_->namespaces, wanted, ends, Staying::WithTheProgram));
            return program.supervisor;
        },
        .kill =
            [&](pid_t) {
                is_beyond_count ? kill_all(*parts_->namespaces, program)
                                : kill_with_descendants(*parts_->namespaces, program);
            },
        .watch = {}};
    CrowdWatch crowd(parts_->processes, *parts_->files);
    if (parts_->is_copy()) {
        supervision.watch = [&]() -> Result<void> {
            if (const auto looked = crowd.look(); !looked) {
                // The crowd may be of an earlier program, and no kernel bounds it.
                is_beyond_count = !parts_->processes.is_hard();
                return looked.error();
            }
            return parts_->size->look(parts_->folder, parts_->options);
        };
    }
    if (!command.show_errors) {
        return converse(command, supervision);
    }
    // Our standard error may be a terminal, which is nothing to hand to a script: we write for it.
    Command heard = command;
    heard.show_errors = false;
    heard.listener = [&](Channel channel, std::string_view bytes) {
        if (channel == Channel::Errors) {
            [[maybe_unused]] const ssize_t shown =
                ::write(STDERR_FILENO, bytes.data(), bytes.size());
        }
        if (command.listener) {
            command.listener(channel, bytes);
        }
    };
    return converse(heard, supervision);
}

Result<std::unique_ptr<BackgroundProgram>> Enclosure::start(const Command& command) {
    if (command.argv.empty()) {
        return failure(ErrorKind::Invalid, "host.no_command", "the command is empty");
    }
    const std::string output =
        parts_->folder.path() + "/output/" + std::to_string(parts_->started++);
    THIMBLE_TRY(
        std::shared_ptr<RunningProgram> program,
        RunningProgram::start(parts_->namespaces, command, output));
    std::erase_if(parts_->background, [](const auto& known) { return !known->is_running(); });
    parts_->background.push_back(program);
    return std::unique_ptr<BackgroundProgram>(new BackgroundHandle(std::move(program)));
}

Result<Descriptor> Enclosure::tcp_socket(bool ipv6) {
    // A socket belongs to the network in which it was made, so we go there and come back.
    const Descriptor ours(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (ours.number() < 0 || ::setns(parts_->namespaces->network(), CLONE_NEWNET) != 0) {
        return because("the enclosure's network", system_error(errno, "setns"));
    }
    Descriptor socket(::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int problem = errno;
    THIMBLE_CHECK(::setns(ours.number(), CLONE_NEWNET) == 0);
    if (socket.number() < 0) {
        return system_error(problem, "socket");
    }
    return socket;
}

const std::vector<std::string>& Enclosure::left_out() const {
    return parts_->left_out;
}

std::string Enclosure::process_limit() const {
    return parts_->is_copy() ? parts_->processes.words() : std::string();
}

Result<std::string> Enclosure::keep() {
    THIMBLE_TRY(parts_->require_copy());
    return parts_->folder.keep();
}

Result<std::uint64_t> Enclosure::cost() {
    THIMBLE_TRY(parts_->require_copy());
    return parts_->folder.cost();
}

Result<std::vector<std::string>> Enclosure::changed_paths() {
    THIMBLE_TRY(parts_->require_copy());
    std::vector<std::string> changes;
    for (std::size_t at = 0; at < parts_->layers.size(); ++at) {
        const std::string& layer = parts_->layers[at];
        const std::string upper =
            parts_->folder.path() + "/layers/" + std::to_string(at) + "/upper";
        if (::access(upper.c_str(), F_OK) != 0) {
            continue;  // shown read-only
        }
        THIMBLE_TRY(
            add_overlay_changes(upper, parts_->lower(layer), layer == "/" ? "" : layer, changes));
    }
    const auto& made = parts_->keeper.made();
    std::erase_if(changes, [&](const std::string& path) {
        return std::ranges::find(made, path) != made.end();
    });
    std::ranges::sort(changes);
    return changes;
}

}  // namespace thimble::host
