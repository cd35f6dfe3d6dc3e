#include "thimble/apply/run_journal.hpp"

#include "thimble/apply/whole_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace thimble::apply {
namespace {

constexpr std::size_t kMaxJournal = std::size_t{64} << 20;

Error unwritable(const std::string& path) {
    return failure(
        errno == EACCES || errno == EROFS ? ErrorKind::Denied : ErrorKind::Unavailable,
        "apply.journal_unwritable",
        path + " cannot be written: " + std::strerror(errno));
}

}  // namespace

RunJournal::RunJournal(int descriptor, std::string path, std::vector<JournalEntry> entries)
    : descriptor_(descriptor), path_(std::move(path)), entries_(std::move(entries)) {}

RunJournal::RunJournal(RunJournal&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      entries_(std::move(other.entries_)) {}

RunJournal& RunJournal::operator=(RunJournal&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    path_.swap(other.path_);
    entries_.swap(other.entries_);
    return *this;
}

RunJournal::~RunJournal() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

Result<RunJournal> RunJournal::open(const std::string& path) {
    constexpr mode_t kPrivate = 0600;
    const int descriptor =
        ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, kPrivate);
    if (descriptor < 0) {
        return unwritable(path);
    }
    RunJournal journal(descriptor, path, {});
    // Its name must outlast a power cut as its entries do.
    THIMBLE_TRY(settle_files(std::filesystem::path(path).parent_path().string(), {}));
    THIMBLE_TRY(const std::string text, read_whole_file(path, kMaxJournal));
    THIMBLE_TRY(JournalContent content, parse_journal(text));
    if (content.torn) {
        std::size_t whole = 0;
        for (const JournalEntry& entry : content.entries) {
            whole += format_journal_entry(entry).size();
        }
        if (::ftruncate(descriptor, static_cast<off_t>(whole)) != 0) {
            return unwritable(path);
        }
    }
    journal.entries_ = std::move(content.entries);
    return journal;
}

Result<void> RunJournal::append(JournalEntry entry) {
    const std::string line = format_journal_entry(entry);
    const off_t whole = ::lseek(descriptor_, 0, SEEK_END);
    // One write: a kill leaves a whole line or a torn last one, which the next start cuts off.
    if (::write(descriptor_, line.data(), line.size()) != static_cast<ssize_t>(line.size())
        || ::fdatasync(descriptor_) != 0) {
        const Error error = unwritable(path_);
        // A full disk must not leave half a line that later entries follow.
        static_cast<void>(::ftruncate(descriptor_, whole) == 0);
        return error;
    }
    entries_.push_back(std::move(entry));
    return {};
}

}  // namespace thimble::apply
