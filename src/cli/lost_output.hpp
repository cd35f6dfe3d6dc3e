#pragma once
/// @file What a program answers and nobody gets, as the disk of its standard output is full or the output is closed.

#include <memory>
#include <ostream>
#include <streambuf>

namespace thimble::cli {

/// Sees that no output is lost unsaid. The stream seems well to whoever writes to it meanwhile.
class LostOutput {
public:
    /// @param out, err  outlive it; whoever changes their buffers meanwhile puts them back before
    LostOutput(std::ostream& out, std::ostream& err);
    LostOutput(const LostOutput&) = delete;
    LostOutput& operator=(const LostOutput&) = delete;
    LostOutput(LostOutput&&) = delete;
    LostOutput& operator=(LostOutput&&) = delete;
    ~LostOutput();

    /// What is written from now on goes to `err` where it is lost: it tells what was done to the host.
    void keep();

    /// Tells on `err` of output that was lost.
    /// @return status; where output was lost, kCannotWrite in place of one that says what was found or, where that is kept, of 0: it
    ///         must not look like an answer
    int finish(int status);

private:
    class Passing;

    std::ostream& out_;
    std::ostream& err_;
    std::streambuf* before_;
    std::unique_ptr<Passing> passing_;
};

/// Where standard output is closed, what is opened first would get its number, and the answer would be written into that file, the
/// journal of a run say. Keeps the number, for nothing that can be written to. Before anything is opened.
void hold_closed_output();

}  // namespace thimble::cli
