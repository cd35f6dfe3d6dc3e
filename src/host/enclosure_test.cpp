#include "thimble/host/enclosure.hpp"

#include "thimble/base/error.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/scratch_folder_test.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace thimble::host {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<std::string>;

Command shell(const std::string& script) {
    return Command{.argv = {"sh", "-c", script}};
}

/// A clone of this machine; the programs of the tests are its own.
class EnclosureTest : public testing::Test {
protected:
    void SetUp() override {
        if (const std::string reason = why_no_enclosure(); !reason.empty()) {
            GTEST_SKIP() << reason;
        }
    }
    [[nodiscard]] EnclosureOptions options() const {
        return EnclosureOptions{.root = "/", .work = work(), .masked = {}, .binds = {}};
    }
    [[nodiscard]] std::string work() const { return scratch_.path + "/work"; }
    [[nodiscard]] const std::string& scratch() const { return scratch_.path; }

    static std::string output_of(Enclosure& enclosure, const std::string& script) {
        const auto outcome = enclosure.run(shell(script));
        return outcome ? outcome->output + outcome->errors : outcome.error().text();
    }

    ScratchFolder scratch_;
};

TEST_F(EnclosureTest, WritesIntoACopyThatIsGoneAfterwards) {
    const std::string mark = "/etc/thimble-enclosure-test";
    {
        auto clone = Enclosure::open(options());
        ASSERT_TRUE(clone.has_value()) << clone.error().text();

        const auto outcome =
            (*clone)->run(shell("echo new > " + mark + " && rm /etc/hostname && id -u"));

        ASSERT_TRUE(outcome.has_value()) << outcome.error().text();
        EXPECT_EQ(outcome->output, "0\n") << outcome->errors;
        EXPECT_EQ((*clone)->read_file(mark, 100).value_or(""), "new\n");
        EXPECT_FALSE((*clone)->look("/etc/hostname", Follow::No).has_value());
        EXPECT_FALSE(fs::exists(mark));
        EXPECT_TRUE(fs::exists("/etc/hostname"));
    }
    for (const auto& entry : fs::directory_iterator(work())) {
        EXPECT_EQ(entry.path().filename(), ".lock");
    }
}

TEST_F(EnclosureTest, RunsNothingFromWithinAChroot) {
    const std::string jail = work() + "/jail";
    fs::create_directories(jail);
    const pid_t child = ::fork();
    if (child == 0) {
        // A chroot that is a copy of "/" by a bind mount, in a mount namespace that dies with it.
        const bool jailed = ::unshare(CLONE_NEWNS) == 0
            && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0
            && ::mount("/", jail.c_str(), nullptr, MS_BIND, nullptr) == 0
            && ::mount("/proc", (jail + "/proc").c_str(), nullptr, MS_BIND, nullptr) == 0
            && ::chroot(jail.c_str()) == 0 && ::chdir("/") == 0;
        if (!jailed) {
            ::_exit(2);
        }
        const auto clone = Enclosure::open(options());
        ::_exit(!clone && clone.error().code == "host.within_chroot" ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);

    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(EnclosureTest, LeavesAReadOnlyRootReadOnly) {
    const std::string root = work() + "/root";
    fs::create_directories(root);
    const pid_t child = ::fork();
    if (child == 0) {
        const bool made = ::unshare(CLONE_NEWNS) == 0
            && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0
            && ::mount("/", root.c_str(), nullptr, MS_BIND, nullptr) == 0
            && ::mount(nullptr, root.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr)
                == 0;
        EnclosureOptions wanted = options();
        wanted.root = root;
        wanted.writes = EnclosureWrites::Through;
        const auto opened =
            made ? Enclosure::open(wanted) : Result<std::unique_ptr<Enclosure>>(Error{});
        const std::string mark = "/var/tmp/thimble-read-only-test";
        const bool wrote = opened && (*opened)->run(shell("echo x > " + mark))->exit_status == 0;
        ::_exit(made && !wrote ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);

    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(EnclosureTest, CostsWhatIsWritten) {
    auto clone = Enclosure::open(options());
    ASSERT_TRUE(clone.has_value()) << clone.error().text();
    const auto before = (*clone)->cost();

    output_of(**clone, "head -c 5000000 /dev/urandom > /var/tmp/five; chown 1:1 /usr/bin/bash");
    const auto after = (*clone)->cost();

    ASSERT_TRUE(before.has_value() && after.has_value());
    EXPECT_LT(*before, 200'000U);
    EXPECT_GE(*after - *before, 5'000'000U);
    EXPECT_LT(*after - *before, 5'200'000U) << "changing the owner must not copy the file";
}

TEST_F(EnclosureTest, KillsWhatNeedsMoreThanTheLimit) {
    EnclosureOptions wanted = options();
    wanted.size_limit = 20'000'000;
    auto clone = Enclosure::open(wanted);
    ASSERT_TRUE(clone.has_value()) << clone.error().text();

    const auto outcome = (*clone)->run(shell("cat /dev/zero > /var/tmp/full"));

    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, "host.clone_full");
    EXPECT_EQ(output_of(**clone, "rm /var/tmp/full; echo on"), "on\n");
}

TEST_F(EnclosureTest, HasProcessesOfItsOwnAndNoNetworkButLoopback) {
    auto clone = Enclosure::open(options());
    ASSERT_TRUE(clone.has_value()) << clone.error().text();

    const auto processes = (*clone)->list("/proc");
    ASSERT_TRUE(processes.has_value());
    const auto is_number = [](const std::string& name) {
        return name[0] >= '0' && name[0] <= '9';
    };
    EXPECT_EQ(std::ranges::count_if(*processes, is_number), 1);
    EXPECT_EQ(
        output_of(**clone, "cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d ' '"), "lo\n");
    EXPECT_EQ(output_of(**clone, "ls -A /run"), "host\nlock\nthimble\n");
    EXPECT_EQ(output_of(**clone, "ls -A /tmp"), "");
}

TEST_F(EnclosureTest, DeniesServices) {
    const bool had_a_policy = fs::exists("/usr/sbin/policy-rc.d");
    auto clone = Enclosure::open(options());
    ASSERT_TRUE(clone.has_value()) << clone.error().text();

    EXPECT_EQ(
        (*clone)->run(Command{.argv = {"/usr/sbin/policy-rc.d", "ssh", "start"}})->exit_status,
        101);
    EXPECT_EQ(output_of(**clone, "test -e /run/systemd/system || echo none"), "none\n");
    EXPECT_TRUE((*clone)->changed_paths()->empty());
    EXPECT_EQ(fs::exists("/usr/sbin/policy-rc.d"), had_a_policy);
}

TEST_F(EnclosureTest, HasNoMoreThanTheDevicesOfAnyone) {
    auto clone = Enclosure::open(options());
    ASSERT_TRUE(clone.has_value()) << clone.error().text();

    EXPECT_EQ(
        output_of(**clone, "ls -A /dev"),
        "fd\nfull\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nzero\n");
    EXPECT_EQ(output_of(**clone, "echo lost > /dev/null && head -c 3 /dev/zero | wc -c"), "3\n");
    EXPECT_NE(output_of(**clone, "chmod 000 /dev/null"), "");
    for (const char* const folder : {"/var/tmp", "/dev", "/tmp", "/run", "/dev/shm"}) {
        const std::string node = std::string(folder) + "/disk";
        EXPECT_NE(
            output_of(**clone, "mknod " + node + " b 254 0 && head -c 1 " + node).find("denied"),
            std::string::npos)
            << folder;
    }
}

TEST_F(EnclosureTest, LeavesRootNoWayToTheMachine) {
    auto clone = Enclosure::open(options());
    ASSERT_TRUE(clone.has_value()) << clone.error().text();

    EXPECT_NE(output_of(**clone, "mount -t tmpfs none /mnt"), "");
    EXPECT_NE(output_of(**clone, "umount /proc/sys"), "");
    EXPECT_NE(output_of(**clone, "mount -o remount,rw /proc/sys"), "");
    EXPECT_NE(
        output_of(**clone, "echo x > /proc/sys/kernel/core_pattern").find("Read-only"),
        std::string::npos);
    EXPECT_EQ(output_of(**clone, "test ! -w /proc/sysrq-trigger && echo never"), "never\n");
    EXPECT_NE(output_of(**clone, "ls /proc/1/root/ /proc/1/fd").find("denied"), std::string::npos);
    EXPECT_NE(output_of(**clone, "chroot /proc/1/root true").find("denied"), std::string::npos);
    EXPECT_NE(output_of(**clone, "date -s 2001-01-01 2>&1 >/dev/null"), "");
    EXPECT_EQ(output_of(**clone, "test -s /proc/kcore || echo nothing"), "nothing\n");
    // What is inherited: nothing but the three standard streams, and no setting of ours.
    EXPECT_EQ(
        output_of(**clone, "cd /proc/self/fd; for f in *; do test -e $f && echo $f; done"),
        "0\n1\n2\n");
    // CAP_SYS_ADMIN (21), CAP_SYS_MODULE (16), CAP_SYS_PTRACE (19), CAP_DAC_READ_SEARCH (2)
    const std::string bounding = output_of(**clone, "grep CapBnd /proc/self/status | cut -f2");
    const auto bits = std::stoull(bounding, nullptr, 16);
    EXPECT_EQ(bits & ((1ULL << 21) | (1ULL << 16) | (1ULL << 19) | (1ULL << 2)), 0U);
}

TEST_F(EnclosureTest, HasNeitherTheKeysNorTheHypervisorNorTheLastMemoryOfTheMachine) {
    auto clone = Enclosure::open(options());
    ASSERT_TRUE(clone.has_value()) << clone.error().text();

    EXPECT_EQ(output_of(**clone, "grep Seccomp: /proc/self/status | cut -f2"), "2\n");
    EXPECT_EQ(output_of(**clone, "cat /proc/self/oom_score_adj"), "1000\n");
    const std::string python = "import ctypes, os, socket\n"
                               "libc = ctypes.CDLL(None, use_errno=True)\n"
                               "print(libc.syscall("
        + std::to_string(SYS_keyctl)
        + ", 0, -4, 0), os.strerror(ctypes.get_errno()))\n"
          "try: socket.socket(40, socket.SOCK_STREAM)\n"
          "except OSError as error: print(error.strerror)\n";
    const auto outcome = (*clone)->run(Command{.argv = {"python3", "-c", python}});
    ASSERT_TRUE(outcome.has_value()) << outcome.error().text();
    EXPECT_EQ(
        outcome->output, "-1 Function not implemented\nAddress family not supported by protocol\n")
        << outcome->errors;
}

TEST_F(EnclosureTest, GivesNothingOfOurEnvironment) {
    ::setenv("THIMBLE_TEST_SECRET", "s3cret", 1);
    auto clone = Enclosure::open(options());
    ASSERT_TRUE(clone.has_value()) << clone.error().text();

    const auto outcome =
        (*clone)->run(Command{.argv = {"env"}, .environment = {"COLOUR=red", "HOME=/nowhere"}});

    EXPECT_EQ(outcome->output.find("s3cret"), std::string::npos);
    EXPECT_EQ(output_of(**clone, "cat /proc/[0-9]*/environ 2>/dev/null | grep -c s3cret"), "0\n");
    EXPECT_NE(output_of(**clone, "cat /proc/1/environ").find("denied"), std::string::npos);
    EXPECT_NE(output_of(**clone, "cat /proc/1/mem").find("denied"), std::string::npos);
    EXPECT_NE(outcome->output.find("COLOUR=red\n"), std::string::npos);
    EXPECT_NE(outcome->output.find("HOME=/nowhere\n"), std::string::npos);
    EXPECT_NE(outcome->output.find("LC_ALL=C\n"), std::string::npos);
}

TEST_F(EnclosureTest, ShowsErrorsWithoutHandingOverOurOwn) {
    auto clone = Enclosure::open(options());
    ASSERT_TRUE(clone.has_value()) << clone.error().text();

    testing::internal::CaptureStderr();
    const auto outcome = (*clone)->run(Command{
        .argv = {"sh", "-c", "echo seen >&2; readlink /proc/self/fd/2"}, .show_errors = true});
    const std::string shown = testing::internal::GetCapturedStderr();

    EXPECT_EQ(shown, "seen\n");
    EXPECT_TRUE(outcome->output.starts_with("pipe:")) << outcome->output;
}

TEST_F(EnclosureTest, MasksAndBinds) {
    fs::create_directories(scratch() + "/archives");
    std::ofstream(scratch() + "/archives/a.deb") << "archive";
    EnclosureOptions wanted = options();
    wanted.masked = {"/etc/passwd", "/etc/apt", "/not/there"};
    wanted.binds = {{.source = scratch() + "/archives", .name = "archives"}};
    auto clone = Enclosure::open(wanted);
    ASSERT_TRUE(clone.has_value()) << clone.error().text();

    EXPECT_EQ((*clone)->read_file("/etc/passwd", 100).value_or("?"), "");
    EXPECT_EQ((*clone)->list("/etc/apt").value_or(Paths{"?"}), Paths{});
    EXPECT_EQ((*clone)->list(work()).value_or(Paths{"?"}), Paths{});
    EXPECT_EQ(output_of(**clone, "cat /run/thimble/archives/a.deb"), "archive");
    EXPECT_NE(
        output_of(**clone, "echo x > /run/thimble/archives/a.deb").find("Read-only"),
        std::string::npos);
    EXPECT_NE(
        output_of(**clone, "ln -s /etc/shadow /run/thimble/archives/b.deb").find("Read-only"),
        std::string::npos);
    EXPECT_TRUE((*clone)->changed_paths()->empty());
}

TEST_F(EnclosureTest, KillsTheWholeTreeWhenTheTimeIsUp) {
    auto clone = Enclosure::open(options());
    ASSERT_TRUE(clone.has_value()) << clone.error().text();
    Command command = shell("setsid sh -c 'setsid sleep 1000 & sleep 1000' & sleep 1000");
    command.timeout = std::chrono::milliseconds(200);

    const auto outcome = (*clone)->run(command);

    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, "host.timeout");
    EXPECT_EQ(output_of(**clone, "cat /proc/[0-9]*/comm | grep -c sleep"), "0\n");
}

TEST_F(EnclosureTest, KillsWhatForksFasterThanItCanBeCounted) {
    auto clone = Enclosure::open(options());
    ASSERT_TRUE(clone.has_value()) << clone.error().text();
    Command command = shell("f() { sh -c : & f & }; f; sleep 1000");
    command.timeout = std::chrono::milliseconds(100);

    const auto outcome = (*clone)->run(command);

    ASSERT_FALSE(outcome.has_value());
    // Process 1 may still be burying them.
    std::string left;
    for (int tries = 0; tries < 100 && left != "5\n"; ++tries) {
        left = output_of(**clone, "ls -d /proc/[0-9]* | wc -l");
    }
    EXPECT_EQ(left, "5\n") << "process 1, supervisor, sh, ls, wc";
}

TEST_F(EnclosureTest, LetsABackgroundProgramOfACommandLiveOn) {
    auto clone = Enclosure::open(options());
    ASSERT_TRUE(clone.has_value()) << clone.error().text();

    const auto outcome = (*clone)->run(shell("sleep 1000 & echo started"));

    ASSERT_TRUE(outcome.has_value()) << outcome.error().text();
    EXPECT_EQ(outcome->output, "started\n");
    EXPECT_EQ(output_of(**clone, "cat /proc/[0-9]*/comm | grep -c sleep"), "1\n");
}

TEST_F(EnclosureTest, StartsAProgramAndTalksToItsNetwork) {
    auto clone = Enclosure::open(options());
    ASSERT_TRUE(clone.has_value()) << clone.error().text();
    const std::string server =
        "import socket\n"
        "s = socket.create_server(('127.0.0.1', 8123))\n"
        "open('/tmp/ready', 'w').close()\n"
        "c, _ = s.accept()\n"
        "c.sendall(b'hello')\n"
        "input_forever = __import__('time').sleep(1000)\n";
    output_of(**clone, "mkfifo /tmp/ready");
    const std::string fifo = (*clone)->local_root() + "/tmp/ready";
    const Descriptor ready(::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    auto program = (*clone)->start(Command{.argv = {"python3", "-c", server}});
    ASSERT_TRUE(program.has_value()) << program.error().text();
    pollfd opened{.fd = ready.number(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&opened, 1, 30'000), 1);

    const auto socket = (*clone)->tcp_socket(false);
    ASSERT_TRUE(socket.has_value()) << socket.error().text();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(8123);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* const generic = static_cast<const sockaddr*>(static_cast<const void*>(&address));
    ASSERT_EQ(::connect(socket->number(), generic, sizeof address), 0);
    std::string heard(5, ' ');

    EXPECT_EQ(::recv(socket->number(), heard.data(), heard.size(), MSG_WAITALL), 5);
    EXPECT_EQ(heard, "hello");
    EXPECT_TRUE((*program)->is_running());
    program->reset();
    EXPECT_EQ(output_of(**clone, "cat /proc/[0-9]*/comm | grep -c python"), "0\n");
}

TEST_F(EnclosureTest, EndsWithAProgramStillRunningInIt) {
    auto clone = Enclosure::open(options());
    ASSERT_TRUE(clone.has_value()) << clone.error().text();
    auto forking = (*clone)->start(shell("sleep 1000 & exit 3"));
    ASSERT_TRUE(forking.has_value());
    EXPECT_TRUE((*forking)->is_running());
    auto failing = (*clone)->start(shell("exit 3"));
    ASSERT_TRUE(failing.has_value());
    ::alarm(30);  // the bound: a child that ended is waited for, and not taken away
    siginfo_t ended{};
    ASSERT_EQ(::waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT), 0);
    ::alarm(0);
    EXPECT_FALSE((*failing)->is_running());
    EXPECT_EQ((*failing)->exit_status(), 3);

    clone->reset();

    EXPECT_FALSE((*forking)->is_running());
}

TEST_F(EnclosureTest, TellsAProgramThatIsNotThere) {
    auto clone = Enclosure::open(options());
    ASSERT_TRUE(clone.has_value()) << clone.error().text();

    EXPECT_EQ(
        (*clone)->run(Command{.argv = {"thimble-no-such"}}).error().kind, ErrorKind::NotFound);
    EXPECT_EQ((*clone)->run(Command{}).error().code, "host.no_command");
    EXPECT_EQ((*clone)->run(shell("kill -9 $$"))->exit_status, 137);
    EXPECT_EQ((*clone)->run(Command{.argv = {"cat"}, .input = "in"})->output, "in");
}

TEST_F(EnclosureTest, WritesThroughToADirectoryAndLeavesNothingOfItsOwn) {
    const std::string root = scratch() + "/root";
    for (const char* const folder : {"/usr/sbin", "/etc"}) {
        fs::create_directories(root + folder);
    }
    // Programs of this machine, so that there is something to run.
    auto clone = Enclosure::open(EnclosureOptions{
        .root = root,
        .writes = EnclosureWrites::Through,
        .work = work(),
        .masked = {},
        .binds = {{.source = "/bin/busybox", .name = "busybox"}}});
    if (!clone && !fs::exists("/bin/busybox")) {
        clone = Enclosure::open(EnclosureOptions{
            .root = root,
            .writes = EnclosureWrites::Through,
            .work = work(),
            .masked = {},
            .binds = {}});
    }
    ASSERT_TRUE(clone.has_value()) << clone.error().text();

    EXPECT_TRUE((*clone)->read_file("/usr/sbin/policy-rc.d", 100).value_or("").ends_with("101\n"));
    EXPECT_EQ(fs::file_size(root + "/usr/sbin/policy-rc.d"), 0U);
    EXPECT_EQ((*clone)->changed_paths().error().code, "host.no_copy");
    EXPECT_EQ((*clone)->plain_root(), fs::canonical(root));

    clone->reset();
    EXPECT_FALSE(fs::exists(root + "/usr/sbin/policy-rc.d"));
    EXPECT_TRUE(fs::exists(root + "/etc"));
}

TEST_F(EnclosureTest, TakesAwayWhatOneThatWasKilledLeftInADirectory) {
    const std::string root = scratch() + "/root";
    const std::string policy = root + "/usr/sbin/policy-rc.d";
    fs::create_directories(root + "/usr/sbin");
    fs::create_directories(root + "/etc");
    const EnclosureOptions wanted{
        .root = root,
        .writes = EnclosureWrites::Through,
        .work = work(),
        .masked = {},
        .binds = {}};
    std::ofstream(policy).close();
    fs::permissions(policy, fs::perms(0644));
    auto clone = Enclosure::open(wanted);
    ASSERT_TRUE(clone.has_value()) << clone.error().text();
    clone->reset();
    EXPECT_FALSE(fs::exists(policy));

    std::ofstream(policy) << "#!/bin/sh\nexit 0\n";
    fs::permissions(policy, fs::perms(0755));
    clone = Enclosure::open(wanted);
    ASSERT_TRUE(clone.has_value()) << clone.error().text();
    clone->reset();
    EXPECT_TRUE(fs::exists(policy)) << "that of the owner stays";
}

TEST_F(EnclosureTest, NeverFollowsALinkOfTheRootOutOfIt) {
    const std::string root = scratch() + "/root";
    fs::create_directories(root + "/etc");
    fs::create_directories(scratch() + "/outside");
    for (const char* const name : {"/run", "/tmp", "/dev", "/proc", "/sys"}) {
        fs::create_directory_symlink(scratch() + "/outside", root + name);
    }

    const auto clone = Enclosure::open(
        EnclosureOptions{.root = root, .work = work(), .masked = {"/run/x"}, .binds = {}});

    EXPECT_FALSE(clone.has_value());  // the links lead to nothing within
    EXPECT_TRUE(fs::is_empty(scratch() + "/outside"));
}

TEST_F(EnclosureTest, SaysWhatIsWrong) {
    EnclosureOptions wanted = options();
    wanted.reserve = ~std::uint64_t{0};
    EXPECT_EQ(Enclosure::open(wanted).error().code, "host.no_space");

    wanted = options();
    wanted.root = "/etc/hostname";
    EXPECT_EQ(Enclosure::open(wanted).error().code, "host.not_a_folder");

    wanted = options();
    wanted.binds = {{.source = "/etc", .name = "../x"}};
    EXPECT_EQ(Enclosure::open(wanted).error().code, "host.bad_bind");

    wanted = options();
    wanted.work = "/proc/thimble";
    EXPECT_FALSE(Enclosure::open(wanted).has_value());
}

/// What opening ends in when `work` is on another file system, which only a child of ours mounts.
std::string code_with_work_on(
    const EnclosureOptions& options,
    const char* type,
    unsigned long flags,
    const std::string& data) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        fs::create_directories(options.work);
        ::unshare(CLONE_NEWNS);
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
        const int failed = ::mount(type, options.work.c_str(), type, flags, data.c_str());
        const auto opened = Enclosure::open(options);
        const std::string code = failed != 0 ? "not mounted" : opened ? "" : opened.error().code;
        [[maybe_unused]] const ssize_t written = ::write(ends[1], code.data(), code.size());
        ::_exit(0);
    }
    ::close(ends[1]);
    ::waitpid(child, nullptr, 0);
    std::string code(100, ' ');
    code.resize(static_cast<std::size_t>(::read(ends[0], code.data(), code.size())));
    ::close(ends[0]);
    return code;
}

TEST_F(EnclosureTest, SaysThatItsWorkFolderIsNoPlaceForACopy) {
    for (const char* const name : {"/lower", "/upper", "/layer"}) {
        fs::create_directories(scratch() + name);
    }
    EnclosureOptions wanted = options();
    wanted.reserve = 0;
    const std::string overlay = "lowerdir=" + scratch() + "/lower,upperdir=" + scratch()
        + "/upper,workdir=" + scratch() + "/layer";

    EXPECT_EQ(code_with_work_on(wanted, "overlay", 0, overlay), "host.no_overlay");
    EXPECT_EQ(code_with_work_on(wanted, "tmpfs", MS_RDONLY, ""), "host.read_only");
    EXPECT_EQ(code_with_work_on(wanted, "tmpfs", 0, "nr_inodes=3"), "host.no_space");
    EXPECT_EQ(code_with_work_on(wanted, "tmpfs", 0, ""), "") << "a tmpfs is a good place";
}

TEST_F(EnclosureTest, SaysThatItNeedsRoot) {
    const pid_t child = ::fork();
    if (child == 0) {
        const bool changed = ::setuid(65534) == 0;
        const auto opened = Enclosure::open(options());
        ::_exit(changed && !opened && opened.error().code == "host.needs_root" ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

TEST_F(EnclosureTest, KeepsWhatItChangedWhenToldTo) {
    std::string kept;
    {
        auto clone = Enclosure::open(options());
        ASSERT_TRUE(clone.has_value()) << clone.error().text();
        output_of(**clone, "echo x > /etc/kept");
        kept = (*clone)->keep().value_or("");
    }
    const auto next = Enclosure::open(options());

    EXPECT_TRUE(fs::exists(kept + "/layers/0/upper/etc/kept"));
}

}  // namespace
}  // namespace thimble::host
