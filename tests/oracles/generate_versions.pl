#!/usr/bin/perl
# Prints pairs of versions, `a<TAB>b` a line, for one ecosystem; same seed, same pairs.
# Half of the second versions are a small change of the first: random pairs part too early to be telling.
use strict;
use warnings;

my ($ecosystem, $count, $seed) = @ARGV;
die "usage: $0 ECOSYSTEM COUNT SEED\n" unless defined $seed;
srand($seed);

sub pick { return $_[int(rand(@_))]; }
sub maybe { my ($chance, $make) = @_; return rand() < $chance ? $make->() : ''; }
sub many { my ($least, $most, $make) = @_;
    return join '', map { $make->() } 1 .. $least + int(rand($most - $least + 1)); }
sub number {
    return pick('0', '1', '2', '9', '10', '11', '19', '20', '100', '20240101', '2147483648',
        '9007199254740991', '18446744073709551616', '99999999999999999999999999')
        if rand() < 0.5;
    return int(rand(100));
}
sub small { return pick(0, 1, 2, 3, 9, 10, 11, 21, 100, 20240101); }
sub padded { return maybe(0.2, sub { '0' x (1 + int(rand(2))) }) . number(); }
sub semver_word { return pick('alpha', 'beta', 'rc', 'a', 'b', 'A', 'x-y', '-', '0a', 'rc1', 'dev'); }

my %alphabet = (
    dpkg => [split //, '0123456789aAzZ.+~-:'],
    rpm => [split //, '0123456789aAzZ.+~^-_:'],
    apk => [split //, '0123456789ab.~_-r'],
    npm => [split //, '0123456789av=.+- '],
    pypi => [split //, '0123456789abrcv!.+-_ '],
    crates => [split //, '0123456789aA.+-'],
    go => [split //, '0123456789aAv.+-'],
);

my %make = (
    dpkg => sub {
        my $text = maybe(0.2, sub { pick(0, 1, 2, '00', '+1') . ':' })
            . many(1, 4, sub { padded() . maybe(0.6, sub { pick(split(//, '.+~-:'), 'a', 'rc', '~~', '+dfsg', 'Z', '.a', '~b') }) })
            . maybe(0.5, sub { '-' . many(1, 3, sub { padded() . maybe(0.4, sub { pick('+deb12u', '~bpo', 'ubuntu', '.', '~', '+b') }) }) });
        return $text;
    },
    rpm => sub {
        return maybe(0.2, sub { pick(0, 1, 2, '00', '') . ':' })
            . many(1, 4, sub { padded() . maybe(0.7, sub { pick(split(//, '.+~^_'), 'a', 'rc', '~rc', '^git', 'Z', '.fc', '..', 'p') }) })
            . maybe(0.5, sub { '-' . many(1, 3, sub { padded() . maybe(0.5, sub { pick('.el9', '.el9_4', '~', '^', '.module_el8+', '.') }) }) });
    },
    apk => sub {
        return padded() . many(0, 3, sub { '.' . padded() })
            . maybe(0.2, sub { pick('a' .. 'd') })
            . many(0, 2, sub { rand() < 0.4 ? '_' . pick(qw(alpha beta pre rc cvs svn git hg p)) . maybe(0.6, \&small) : '' })
            . maybe(0.1, sub { '~' . pick('a', 'abc123', '0f', '12') })
            . maybe(0.5, sub { '-r' . small() });
    },
    npm => sub {
        return maybe(0.1, sub { pick('v', '=', 'v ', ' =v', '= ') })
            . join('.', small(), small(), small())
            . maybe(0.5, sub { pick('-', '-', '-', '') . join('.', map { rand() < 0.5 ? small() : semver_word() } 1 .. 1 + int(rand(3))) })
            . maybe(0.2, sub { '+' . pick('build', '1', '001', 'a.b', 'a-b.1') });
    },
    pypi => sub {
        return maybe(0.1, sub { pick('v', 'V', ' ') }) . maybe(0.1, sub { pick(0, 1, 2) . '!' })
            . padded() . many(0, 3, sub { '.' . padded() })
            . maybe(0.3, sub { pick('', '.', '-', '_') . pick(qw(a alpha b beta c rc pre preview RC Alpha)) . pick('', '.', '-', '_') . maybe(0.7, \&padded) })
            . maybe(0.2, sub { pick('', '.', '-', '_') . pick(qw(post rev r)) . pick('', '.', '-') . maybe(0.7, \&small) })
            . maybe(0.1, sub { '-' . small() })
            . maybe(0.2, sub { pick('', '.', '-', '_') . 'dev' . maybe(0.7, \&small) })
            . maybe(0.2, sub { '+' . join(pick('.', '-', '_'), map { rand() < 0.5 ? padded() : pick('local', 'a', 'B', 'cu118', '1a', 'ubuntu') } 1 .. 1 + int(rand(3))) });
    },
    crates => sub {
        return join('.', small(), small(), small())
            . maybe(0.5, sub { '-' . join('.', map { rand() < 0.5 ? number() : semver_word() } 1 .. 1 + int(rand(3))) })
            . maybe(0.2, sub { '+' . pick('build', '1', '001', 'a.b', 'a-b.1') });
    },
    go => sub {
        return pick('v', 'v', 'v', '') . pick(number(), number() . '.' . number(), (join('.', number(), number(), number())) x 6)
            . maybe(0.4, sub { '-' . join('.', map { rand() < 0.5 ? number() : semver_word() } 1 .. 1 + int(rand(3))) })
            . maybe(0.2, sub { '-0.' . pick('20190101000000', '20230203040506') . '-' . pick('abcdef012345', '012345abcdef') })
            . maybe(0.2, sub { '+' . pick('incompatible', 'meta', '1.2') });
    },
);

sub changed {
    my ($text) = @_;
    my $letters = $alphabet{$ecosystem};
    my $at = int(rand(length($text) + 1));
    my $kind = int(rand(4));
    if ($kind == 0) { substr($text, $at, 0) = pick(@$letters); }
    elsif ($kind == 1 && length($text) > 1 && $at < length($text)) { substr($text, $at, 1) = ''; }
    elsif ($kind == 2 && $at < length($text)) { substr($text, $at, 1) = pick(@$letters); }
    else { $text .= pick(@$letters) . pick(@$letters); }
    return $text;
}

my $make = $make{$ecosystem} or die "no generator for '$ecosystem'\n";
for (1 .. $count) {
    my $left = $make->();
    my $right = rand() < 0.5 ? changed($left) : $make->();
    $right = changed($right) if rand() < 0.1;
    s/^-+//, s/\t/ /g for $left, $right;    # dpkg would read a leading hyphen as an option
    $right = '1' if $right eq '';
    print "$left\t$right\n";
}
