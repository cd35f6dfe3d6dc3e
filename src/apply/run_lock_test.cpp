#include "thimble/apply/run_lock.hpp"

#include "thimble/base/result.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>

namespace thimble::apply {
namespace {

bool is_open_here(const std::string& path) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        if (std::filesystem::read_symlink(entry.path(), error) == path) {
            return true;
        }
    }
    return false;
}

/// A host's root folder, and where the locks are.
class Place {
public:
    Place() {
        std::string pattern = testing::TempDir() + "thimble-lock-XXXXXX";
        THIMBLE_CHECK(::mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
        // Like a host's root folder: everybody may look.
        std::filesystem::permissions(folder_, std::filesystem::perms(0755));
        THIMBLE_CHECK(std::filesystem::create_directory(root()));
    }
    ~Place() { std::filesystem::remove_all(folder_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    Place(Place&&) = delete;
    Place& operator=(Place&&) = delete;

    [[nodiscard]] Result<RunLock> take() const {
        return RunLock::take(root(), LockPurpose::Runs, locks());
    }
    [[nodiscard]] std::string root() const { return folder_ + "/root"; }
    [[nodiscard]] std::string locks() const { return folder_ + "/locks"; }

private:
    std::string folder_;
};

/// A process that locks the root folder, and whatever else it can, until it is destroyed.
class Holder {
public:
    /// @param real, effective  its users
    Holder(const Place& place, uid_t real, uid_t effective) {
        std::array<int, 2> held{};
        std::array<int, 2> release{};
        THIMBLE_CHECK(::pipe(held.data()) == 0 && ::pipe(release.data()) == 0);
        const pid_t child = ::fork();
        if (child == 0) {
            ::close(release[1]);
            const bool is_other = ::setresgid(real, effective, effective) == 0
                && ::setresuid(real, effective, effective) == 0;
            const int root = ::open(place.root().c_str(), O_RDONLY | O_DIRECTORY);
            const char locked = is_other && ::flock(root, LOCK_EX | LOCK_NB) == 0 ? 'y' : 'n';
            lock_all_below(place.locks());
            char byte = 0;
            const bool done =
                ::write(held[1], &locked, 1) == 1 && ::read(release[0], &byte, 1) == 0;
            ::_exit(done ? 0 : 1);
        }
        use(child, release[1]);
        char answer = 'n';
        THIMBLE_CHECK(::read(held[0], &answer, 1) == 1);
        holds = answer == 'y';
        for (const int descriptor : {held[0], held[1], release[0]}) {
            ::close(descriptor);
        }
    }
    ~Holder() {
        ::close(release_);
        ::waitpid(pid_, nullptr, 0);
    }
    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;
    Holder(Holder&&) = delete;
    Holder& operator=(Holder&&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    bool holds = false;  ///< the root folder

private:
    void use(pid_t child, int release) {
        pid_ = child;
        release_ = release;
    }
    static void lock_all_below(const std::string& folder) {
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
            ::flock(::open(entry.path().c_str(), O_RDONLY), LOCK_EX | LOCK_NB);
        }
        ::flock(::open(folder.c_str(), O_RDONLY | O_DIRECTORY), LOCK_EX | LOCK_NB);
    }

    pid_t pid_ = -1;
    int release_ = -1;
};

constexpr uid_t kNobody = 65534;

TEST(RunLock, CannotBeHeldByAUserWhoIsNotRoot) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "not root";
    }
    const Place place;
    ASSERT_TRUE(place.take().has_value()) << "the file of the lock is there from now on";
    const Holder holder(place, kNobody, kNobody);
    ASSERT_TRUE(holder.holds);

    const auto lock = place.take();

    ASSERT_TRUE(lock.has_value()) << lock.error().text();
    EXPECT_FALSE(place.take().has_value()) << "runs exclude each other all the same";
}

TEST(RunLock, CannotBeHeldByAUserThroughAProgramThatHasRootsRights) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "not root";
    }
    const Place place;
    const Holder holder(place, kNobody, 0);
    ASSERT_TRUE(holder.holds);

    EXPECT_TRUE(place.take().has_value());
}

TEST(RunLock, IsRefusedWhileRootHoldsTheRootFolderFromAnotherContainer) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "not root";
    }
    const Place place;
    const Holder holder(place, 0, 0);
    ASSERT_TRUE(holder.holds);

    const auto lock = place.take();

    ASSERT_FALSE(lock.has_value());
    EXPECT_EQ(lock.error().code, "apply.run_active");
    EXPECT_NE(lock.error().message.find(std::to_string(holder.pid())), std::string::npos);
}

/// What a run says that is begun in a container, which sees its own processes alone.
/// @return empty: it has the lock; nothing: there can be no container
std::optional<std::string> refusal_in_container(
    const Place& place, const std::function<void()>& before) {
    std::array<int, 2> said{};
    THIMBLE_CHECK(::pipe(said.data()) == 0);
    const pid_t outer = ::fork();
    if (outer == 0) {
        if (::unshare(CLONE_NEWPID | CLONE_NEWNS) != 0) {
            ::_exit(1);
        }
        const pid_t inner = ::fork();
        if (inner == 0) {
            constexpr int kSaid = 3;
            ::dup2(said[1], kSaid);
            ::closefrom(kSaid + 1);  // a lock of ours is not to be its own
            if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0
                || ::mount("proc", "/proc", "proc", 0, nullptr) != 0) {
                ::_exit(1);
            }
            before();
            const auto lock =
                RunLock::take(place.root(), LockPurpose::Runs, place.root() + "/locks-of-its-own");
            const std::string text = lock ? std::string() : lock.error().text();
            const bool is_said =
                ::write(kSaid, text.data(), text.size()) == static_cast<ssize_t>(text.size());
            ::_exit(is_said ? 0 : 1);
        }
        int status = 0;
        ::waitpid(inner, &status, 0);
        ::_exit(status == 0 ? 0 : 1);
    }
    ::close(said[1]);
    std::string text;
    std::array<char, 1024> block{};
    for (ssize_t got = 0; (got = ::read(said[0], block.data(), block.size())) > 0;) {
        text.append(block.data(), static_cast<std::size_t>(got));
    }
    ::close(said[0]);
    int status = 0;
    ::waitpid(outer, &status, 0);
    return status == 0 ? std::optional(text) : std::nullopt;
}

TEST(RunLock, IsRefusedInAContainerWhoseRootIsWorkedOnFromWithout) {
    const Place place;
    const auto outside = place.take();
    ASSERT_TRUE(outside.has_value());

    const auto refusal = refusal_in_container(place, [] {});

    if (!refusal) {
        GTEST_SKIP() << "there can be no container here";
    }
    EXPECT_NE(refusal->find("outside of this container"), std::string::npos) << *refusal;
}

/// The kernel names nobody then: who took the lock is gone, and whom it was left to is somebody of the container.
TEST(RunLock, IsNotKeptInAContainerByAUserWhoLeftTheLockToAChild) {
    const Place place;

    const auto refusal = refusal_in_container(place, [&] {
        const pid_t taker = ::fork();
        if (taker == 0) {
            const bool is_other = ::setresgid(kNobody, kNobody, kNobody) == 0
                && ::setresuid(kNobody, kNobody, kNobody) == 0;
            const int root = ::open(place.root().c_str(), O_RDONLY | O_DIRECTORY);
            const bool is_locked = is_other && ::flock(root, LOCK_EX | LOCK_NB) == 0;
            if (is_locked && ::fork() == 0) {
                ::pause();  // it ends with the container
            }
            ::_exit(is_locked ? 0 : 1);
        }
        int status = 0;
        ::waitpid(taker, &status, 0);
        if (status != 0) {
            ::_exit(2);
        }
    });

    if (!refusal) {
        GTEST_SKIP() << "there can be no container here";
    }
    EXPECT_EQ(*refusal, "");
}

TEST(RunLock, UsesNoFolderThatOthersCanOpen) {
    const Place place;
    std::filesystem::create_directory(place.locks());
    std::filesystem::permissions(place.locks(), std::filesystem::perms(0755));

    const auto lock = place.take();

    ASSERT_FALSE(lock.has_value());
    EXPECT_EQ(lock.error().code, "apply.no_run_lock");
}

TEST(RunLock, IsHeldByOneAndNamesTheHolder) {
    const Place place;
    {
        const auto first = place.take();
        ASSERT_TRUE(first.has_value());

        const auto second = place.take();

        ASSERT_FALSE(second.has_value());
        EXPECT_EQ(second.error().code, "apply.run_active");
        EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos)
            << second.error().message;
    }
    EXPECT_TRUE(place.take().has_value());
}

TEST(RunLock, TellsWhoHoldsItWithoutTakingIt) {
    const Place place;
    const auto never = RunLock::holder(place.root(), place.locks());
    ASSERT_TRUE(never.has_value());
    EXPECT_FALSE(never->has_value());
    {
        const auto lock = place.take();
        ASSERT_TRUE(lock.has_value());
        const auto holder = RunLock::holder(place.root(), place.locks());
        ASSERT_TRUE(holder.has_value());
        ASSERT_TRUE(holder->has_value());
        EXPECT_EQ((*holder)->pid, static_cast<std::uint32_t>(::getpid()));
        const auto carrier = RunLock::carrier(place.root(), place.locks());
        ASSERT_TRUE(carrier.has_value());
        EXPECT_EQ(carrier->pid, static_cast<std::uint32_t>(::getpid()));
    }
    EXPECT_FALSE(RunLock::carrier(place.root(), place.locks()).has_value());
    {
        const auto other = RunLock::take(place.root(), LockPurpose::Other, place.locks());
        ASSERT_TRUE(other.has_value());
        EXPECT_TRUE(RunLock::holder(place.root(), place.locks()).value().has_value());
        EXPECT_FALSE(RunLock::carrier(place.root(), place.locks()).has_value())
            << "whatever held it before was for";
    }
    EXPECT_FALSE(RunLock::holder(place.root(), place.locks()).value().has_value());
    EXPECT_FALSE(RunLock::holder(place.root() + "/none", place.locks()).has_value());
}

TEST(RunLock, OutlastsAChildThatAProcessWhichIsGoneLeftBehind) {
    const Place place;
    // The child takes the lock and is gone; the grandchild holds it until its pipe is closed.
    std::array<int, 2> held{};
    std::array<int, 2> release{};
    ASSERT_EQ(::pipe(held.data()), 0);
    ASSERT_EQ(::pipe(release.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto lock = place.take();
        if (::fork() == 0) {
            char byte = 0;
            ::close(release[1]);
            ::_exit(::write(held[1], "x", 1) == 1 && ::read(release[0], &byte, 1) == 0 ? 0 : 1);
        }
        ::_exit(lock.has_value() ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
    char byte = 0;
    ASSERT_EQ(::read(held[0], &byte, 1), 1);
    const std::jthread releaser([&] {
        while (!is_open_here(place.root())) {
            std::this_thread::yield();
        }
        ::close(release[1]);
    });

    EXPECT_TRUE(place.take().has_value());

    for (const int descriptor : {held[0], held[1], release[0]}) {
        ::close(descriptor);
    }
}

TEST(ProcLocks, ReadsHoldersAndSkipsThoseThatWait) {
    const auto locks = parse_proc_locks(
        "1: POSIX  ADVISORY  WRITE 4711 fe:00:1234 0 EOF\n"
        "1: -> POSIX  ADVISORY  WRITE 4712 fe:00:1234 0 EOF\n"
        "2: FLOCK  ADVISORY  WRITE 9 00:1a:7 0 EOF\n"
        "garbage\n3: FLOCK ADVISORY WRITE x 00:1a:7 0 EOF");

    ASSERT_EQ(locks.size(), 2U);
    EXPECT_EQ(locks[0], (HeldLock{4711, 0xfe, 0, 1234}));
    EXPECT_EQ(locks[1], (HeldLock{9, 0, 0x1a, 7}));
}

}  // namespace
}  // namespace thimble::apply
