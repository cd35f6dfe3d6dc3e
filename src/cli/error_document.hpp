#pragma once
/// @file The failure of a command as JSON on standard output, for whoever asked for JSON and got none.

#include "thimble/base/told_error.hpp"

#include <memory>
#include <ostream>
#include <span>
#include <streambuf>

namespace thimble::cli {

/// Looks at what a program writes, from its first words to its end. Whatever is told on `err` by `note_error` is kept; where the program
/// ends badly and has written nothing to `out`, the first of it is written there.
class ErrorDocument {
public:
    /// @param out, err  outlive it; nothing else changes their buffers meanwhile
    /// @param words  of the command line; without --json nothing is ever written
    ErrorDocument(std::ostream& out, std::ostream& err, std::span<const char* const> words);
    ErrorDocument(const ErrorDocument&) = delete;
    ErrorDocument& operator=(const ErrorDocument&) = delete;
    ErrorDocument(ErrorDocument&&) = delete;
    ErrorDocument& operator=(ErrorDocument&&) = delete;
    ~ErrorDocument();

    /// @return the same status
    int finish(int status);

private:
    class Watch;

    std::ostream& out_;
    std::ostream& err_;
    std::unique_ptr<Watch> watch_;  ///< none: nobody asked for JSON
    std::streambuf* before_ = nullptr;
    ToldError first_;
};

/// Keeps an error for the document of the stream on which it is told, where it has one.
void note_error(std::ostream& err, const ToldError& error);

/// Whatever is noted of one stream is noted of the other from now on.
void share_error_document(std::ostream& from, std::ostream& to);

}  // namespace thimble::cli
