#include "thimble/host/ssh_answer.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/ssh_target.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/types.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::host {
namespace {

// For each path one line `P index raw-mode-hex size inode mtime ctime device`, `B index` (bytes),
// `L index` (links), `M index` (missing) or `D index` (denied); with contents, base64 lines follow,
// then a line with a dot. The last line is `E`.
constexpr std::string_view kAsk =
    "a() {\n"
    "if [ ! -e \"$2\" ]; then\n"
    "if [ -x \"${2%/*}/\" ] || [ ! -e \"${2%/*}/\" ]; then echo \"M $1\"; else echo \"D $1\"; fi\n"
    "return; fi\n"
    "echo \"P $1 $(stat -L -c '%f %s %i %Y %Z %d' -- \"$2\" 2>/dev/null)\"\n"
    "if [ \"$3\" = y ] && [ -d \"$2\" ] && [ -r \"$2\" ]; then ls -1A -- \"$2\" | base64; echo .\n"
    "elif [ \"$3\" = y ] && [ -f \"$2\" ] && [ -r \"$2\" ]; then base64 < \"$2\"; echo .\n"
    "elif [ \"$3\" = y ]; then echo '!'; fi\n"
    "}\n"
    "b() {\n"
    "if [ -r \"$2\" ]; then echo \"B $1\"; { base64 < \"$2\"; } 2>/dev/null; echo .\n"
    "elif [ -e \"$2\" ]; then echo \"D $1\"; else echo \"M $1\"; fi\n"
    "}\n"
    // Only root may be sure that a link of /proc which cannot be read leads nowhere.
    "l() {\n"
    "t=$(readlink -n -- \"$2\" 2>/dev/null | base64)\n"
    "if [ -n \"$t\" ]; then echo \"L $1\"; echo \"$t\"; echo .\n"
    "elif [ -L \"$2\" ] && [ \"$u\" != 0 ]; then echo \"D $1\"; else echo \"M $1\"; fi\n"
    "}\n"
    "m() {\n"
    "if [ -d \"$2\" ] && [ -r \"$2\" ]; then\n"
    "echo \"L $1\"; readlink -z -- \"$2\"/* 2>/dev/null | base64; echo .\n"
    "elif [ -e \"$2\" ]; then echo \"D $1\"; else echo \"M $1\"; fi\n"
    "}\n"
    "u=$(id -u)\n";

Error bad_answer(std::string_view what) {
    return failure(
        ErrorKind::Corrupt, "host.bad_answer", "the remote host's answer: " + std::string(what));
}

template <class Number>
std::optional<Number> take_number(std::string_view& line, int base) {
    const std::size_t space = line.find(' ');
    const std::string_view word = line.substr(0, space);
    line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
    return number_in<Number>(word, base);
}

FileType type_of(std::uint32_t mode) {
    if (S_ISREG(mode)) {
        return FileType::Regular;
    }
    return S_ISDIR(mode) ? FileType::Directory : FileType::Other;
}

bool is_sane(std::int64_t seconds) {
    constexpr std::int64_t kMaxTime = std::int64_t{1} << 40;
    return seconds > -kMaxTime && seconds < kMaxTime;
}

Result<FileInfo> parse_info(std::string_view line) {
    const auto mode = take_number<std::uint32_t>(line, 16);
    const auto size = take_number<std::uint64_t>(line, 10);
    const auto inode = take_number<std::uint64_t>(line, 10);
    const auto modified = take_number<std::int64_t>(line, 10);
    const auto changed = take_number<std::int64_t>(line, 10);
    const auto device = take_number<dev_t>(line, 10);
    if (!mode || !size || !inode || !modified || !changed || !device || !is_sane(*modified)
        || !is_sane(*changed)) {
        return bad_answer("a line about a file is not understood");
    }
    FileInfo info;
    info.type = type_of(*mode);
    info.size = *size;
    info.inode = *inode;
    info.device_major = major(*device);
    info.device_minor = minor(*device);
    info.modified_at = Instant(std::chrono::seconds(*modified));
    info.changed_at = Instant(std::chrono::seconds(*changed));
    return info;
}

int sextet(char c) {
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    if (c == '+') {
        return 62;
    }
    return c == '/' ? 63 : -1;
}

/// Decodes base64 that comes in lines (RFC 4648).
class Base64 {
public:
    /// @return false when `line` is not base64
    bool add(std::string_view line) {
        return std::ranges::all_of(line, [this](char c) { return add_character(c); });
    }
    std::string finish() { return std::move(bytes_); }

private:
    bool add_character(char c) {
        if (c == '=') {
            ended_ = true;
            return true;
        }
        const int value = sextet(c);
        if (value < 0 || ended_) {
            return false;
        }
        bits_ = (bits_ << 6U) | static_cast<std::uint32_t>(value);
        count_ += 6;
        if (count_ >= 8) {
            count_ -= 8;
            bytes_ += static_cast<char>((bits_ >> count_) & 0xffU);
        }
        return true;
    }

    std::string bytes_;
    std::uint32_t bits_ = 0;
    unsigned count_ = 0;
    bool ended_ = false;
};

std::vector<std::string> names_in(std::string_view listing) {
    std::vector<std::string> names;
    Lines lines(listing);
    for (std::string_view line; lines.next(line);) {
        if (!line.empty() && !line.contains('/')) {
            names.emplace_back(line);
        }
    }
    std::ranges::sort(names);
    return names;
}

/// The base64 lines up to the dot; "!" instead of them: it may not be read.
Result<void> take_contents(Lines& lines, Reply& reply) {
    Base64 decoder;
    for (std::string_view line; lines.next(line);) {
        if (line == "!") {
            reply.presence = Presence::Denied;
            return {};
        }
        if (line != ".") {
            if (!decoder.add(line)) {
                return bad_answer("contents are not base64");
            }
            continue;
        }
        reply.has_contents = true;
        reply.bytes = decoder.finish();
        if (reply.info.type == FileType::Directory) {
            reply.names = names_in(reply.bytes);
            reply.bytes.clear();
        }
        return {};
    }
    return bad_answer("contents end midway");
}

/// Texts that each end with NUL.
std::vector<std::string> texts_in(std::string_view bytes) {
    std::vector<std::string> texts;
    while (!bytes.empty()) {
        const std::size_t end = std::min(bytes.find('\0'), bytes.size());
        texts.emplace_back(bytes.substr(0, end));
        bytes.remove_prefix(std::min(bytes.size(), end + 1));
    }
    return texts;
}

/// How the first line of a reply begins when what was asked is there.
char present_kind(Ask ask) {
    switch (ask) {
        case Ask::Info:
        case Ask::Contents: return 'P';
        case Ask::Bytes: return 'B';
        case Ask::Link:
        case Ask::Links: return 'L';
    }
    return 'P';
}

/// One reply, whose first line is `kind`, the index that has been read, and `rest`.
Result<Reply> parse_reply(char kind, std::string_view rest, Ask ask, Lines& lines) {
    Reply reply;
    reply.ask = ask;
    if (kind == 'M' || kind == 'D') {
        reply.presence = kind == 'M' ? Presence::Missing : Presence::Denied;
        return reply;
    }
    if (kind != present_kind(ask)) {
        return bad_answer("a line is not understood");
    }
    reply.presence = Presence::Present;
    if (kind == 'P') {
        THIMBLE_TRY(reply.info, parse_info(rest));
    }
    if (ask != Ask::Info) {
        THIMBLE_TRY(take_contents(lines, reply));
    }
    if (ask == Ask::Links) {
        reply.names = texts_in(reply.bytes);
        reply.bytes.clear();
    }
    return reply;
}

/// The shell function that answers, and its last argument.
std::pair<std::string_view, std::string_view> words_for(Ask ask) {
    switch (ask) {
        case Ask::Info: return {"a ", " n\n"};
        case Ask::Contents: return {"a ", " y\n"};
        case Ask::Bytes: return {"b ", "\n"};
        case Ask::Link: return {"l ", "\n"};
        case Ask::Links: return {"m ", "\n"};
    }
    return {"a ", " n\n"};
}

}  // namespace

std::string question_script(std::span<const Question> questions) {
    std::string script(kAsk);
    for (std::size_t at = 0; at < questions.size(); ++at) {
        const auto [function, last] = words_for(questions[at].ask);
        script += function;
        script += std::to_string(at) + " " + shell_quoted(questions[at].path);
        script += last;
    }
    script += "echo E\n";
    return script;
}

Result<std::vector<Reply>> parse_answer(
    std::string_view text, std::span<const Question> questions) {
    std::vector<Reply> replies(questions.size());
    Lines lines(text);
    std::string_view line;
    for (std::size_t at = 0; at < questions.size(); ++at) {
        if (!lines.next(line)) {
            return bad_answer("it ends midway");
        }
        const char kind = line.size() > 2 && line[1] == ' ' ? line[0] : '\0';
        line.remove_prefix(std::min<std::size_t>(line.size(), 2));
        if (take_number<std::size_t>(line, 10) != at) {
            return bad_answer("it is out of order");
        }
        THIMBLE_TRY(replies[at], parse_reply(kind, line, questions[at].ask, lines));
    }
    if (!lines.next(line) || line != "E") {
        return bad_answer("it does not end where it should");
    }
    return replies;
}

}  // namespace thimble::host
