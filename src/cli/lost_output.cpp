#include "thimble/cli/lost_output.hpp"

#include "thimble/cli/exit_status.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>

namespace thimble::cli {

/// Passes everything on, and remembers whether it was taken.
class LostOutput::Passing final : public std::streambuf {
public:
    explicit Passing(std::streambuf* to) : to_(to) {}

    void keep() { keeps_ = true; }
    [[nodiscard]] bool keeps() const { return keeps_; }
    [[nodiscard]] bool has_lost() const { return lost_; }
    [[nodiscard]] std::string_view kept() const { return kept_; }

protected:
    int_type overflow(int_type byte) override {
        if (!traits_type::eq_int_type(byte, traits_type::eof())) {
            const char one = traits_type::to_char_type(byte);
            xsputn(&one, 1);
        }
        return traits_type::not_eof(byte);
    }
    std::streamsize xsputn(const char* bytes, std::streamsize count) override {
        if (keeps_) {
            kept_.append(bytes, static_cast<std::size_t>(count));
        }
        lost_ = to_->sputn(bytes, count) != count || lost_;
        return count;
    }
    int sync() override {
        lost_ = to_->pubsync() != 0 || lost_;
        return 0;
    }

private:
    std::streambuf* to_;
    std::string kept_;
    bool keeps_ = false;
    bool lost_ = false;
};

LostOutput::LostOutput(std::ostream& out, std::ostream& err)
    : out_(out), err_(err), before_(out.rdbuf()), passing_(std::make_unique<Passing>(before_)) {
    out.rdbuf(passing_.get());
}

LostOutput::~LostOutput() {
    out_.rdbuf(before_);
}

void LostOutput::keep() {
    passing_->keep();
}

int LostOutput::finish(int status) {
    out_.flush();
    if (!passing_->has_lost()) {
        return status;
    }
    err_ << "thimble: the output could not be written"
         << (passing_->kept().empty() ? "\n" : "; it was:\n") << passing_->kept() << std::flush;
    // An answer that nobody has is none, whatever it was; how a run ended has been told.
    const bool is_answer = passing_->keeps() ? status == kNothingDue : status < kUsage;
    return is_answer ? kCannotWrite : status;
}

void hold_closed_output() {
    if (::fcntl(STDOUT_FILENO, F_GETFD) >= 0 || errno != EBADF) {
        return;
    }
    const int nothing = ::open("/dev/null", O_RDONLY);
    if (nothing >= 0 && nothing != STDOUT_FILENO) {
        ::dup2(nothing, STDOUT_FILENO);
        ::close(nothing);
    }
}

}  // namespace thimble::cli
