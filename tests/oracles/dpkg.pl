#!/usr/bin/perl
# The real dpkg's answer for each pair on standard input.
use strict;
use warnings;

open(STDERR, '>', '/dev/null');
while (my $line = <STDIN>) {
    chomp $line;
    my ($left, $right) = split /\t/, $line, -1;
    my $less = system('dpkg', '--compare-versions', $left, 'lt', $right) >> 8;
    if ($less > 1) { print "invalid\n"; next; }
    if ($less == 0) { print "<\n"; next; }
    my $equal = system('dpkg', '--compare-versions', $left, 'eq', $right) >> 8;
    print $equal == 0 ? "=\n" : ">\n";
}
