#!/usr/bin/perl
# Reads `left<TAB>right<TAB>tool's answer<TAB>our answer`; prints the lines where the two disagree.
use strict;
use warnings;

my ($ecosystem) = @ARGV;
# npm and cargo keep numbers in machine words and refuse longer ones; we order them.
my $refuses_long_numbers = $ecosystem eq 'npm' || $ecosystem eq 'crates';
while (my $line = <STDIN>) {
    chomp $line;
    my ($left, $right, $theirs, $ours) = split /\t/, $line, -1;
    my $short = $ours =~ /^invalid/ ? 'invalid' : $ours;
    next if $short eq $theirs;
    next if $refuses_long_numbers && $theirs eq 'invalid' && "$left $right" =~ /\d{16}/;
    print "differs: [$left] [$right] tool $theirs ours $ours\n";
}
