#include "thimble/cli/answer_lines.hpp"

#include <istream>
#include <limits>
#include <ostream>

namespace thimble::cli {

namespace {

constexpr std::size_t kBlock = 65536;

enum class Read : std::uint8_t { Line, TooLong, End };

// One line into `buffer`, whose size bounds it.
Read read_line(std::istream& in, std::string& buffer, std::string_view& line) {
    in.getline(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    auto length = static_cast<std::size_t>(in.gcount());
    if (in.fail() && !in.eof() && length > 0) {
        in.clear(in.rdstate() & ~std::ios::failbit);
        in.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
        return Read::TooLong;
    }
    if (in.bad() || (in.eof() && length == 0)) {
        return Read::End;
    }
    if (!in.eof()) {
        --length;  // the newline counts as read
    }
    line = std::string_view(buffer).substr(0, length);
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    return line.size() > kLongestLine ? Read::TooLong : Read::Line;
}

void write_out(std::ostream& out, std::string& answers) {
    out.write(answers.data(), static_cast<std::streamsize>(answers.size()));
    answers.clear();
}

}  // namespace

Answered answer_lines(
    std::istream& in,
    std::ostream& out,
    const std::function<Answered(std::string_view line, std::string& answers)>& answer) {
    std::string buffer(kLongestLine + 2, '\0');  // CR and the terminator that getline writes
    std::string answers;
    Answered all = Answered::Yes;
    std::string_view line;
    while (out.good()) {
        const Read read = read_line(in, buffer, line);
        if (read == Read::End) {
            break;
        }
        if (read == Read::TooLong) {
            answers += "invalid: line is too long";
            all = Answered::No;
        } else if (answer(line, answers) == Answered::No) {
            all = Answered::No;
        }
        answers += '\n';
        const bool would_wait = in.rdbuf()->in_avail() <= 0;
        if (would_wait || answers.size() >= kBlock) {
            write_out(out, answers);
        }
        if (would_wait) {
            out.flush();
        }
    }
    write_out(out, answers);
    out.flush();
    return all;
}

}  // namespace thimble::cli
