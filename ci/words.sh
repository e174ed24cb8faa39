#!/usr/bin/env bash
# Finds private words for things that the field has a word for: ci/words.txt lists them, and what to write instead.
#
#     ci/words.sh                  searches everything
#     ci/words.sh seqcopy-shm ..   searches these folders or files
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
if ! command -v perl >/dev/null; then
    skipped "perl, which finds the words, is not installed"
    exit 0
fi
# (Not by pathspecs like ':!*/LICENSE*': with a path of two components git 2.47 lists nothing at all then.)
git ls-files -z --cached --others --exclude-standard -- "${@:-.}" | grep -zvE '^ci/words\.|(^|/)LICENSE|\.(lock|svg|png)$' |
    perl -0 -ne '
        BEGIN {
            open my $list, "<", "ci/words.txt" or die "ci/words.txt: $!\n";
            local $/ = "\n";
            while (<$list>) {
                chomp;
                next if /^#/ || !/\S/;
                my ($phrase, $instead, $allowed) = split / \| ?/;
                # A space also matches the end of a line, the indentation and the comment sign of the next.
                (my $pattern = $phrase) =~ s{ }{(?:_|\\s+(?:(?://[/!]?|#|\\*|>)\\s+)?)}g;
                push @words, [qr/(?<![A-Za-z])(?:$pattern)(?![A-Za-z])/i, $instead, [map qr/$_/, split " ", $allowed // ""]];
            }
            die "ci/words.txt: no words\n" unless @words;
        }
        chomp(my $path = $_);
        next unless -f $path && -T $path;
        $files++;
        open my $file, "<:encoding(UTF-8)", $path or die "$path: $!\n";
        my $text = do { local $/; <$file> } // "";
        for my $word (@words) {
            my ($pattern, $instead, $allowed) = @$word;
            next if grep { $path =~ $_ } @$allowed;
            while ($text =~ /$pattern/g) {
                my ($from, $found) = ($-[0], $&);
                $found =~ s/\s+/ /g;
                my $line = 1 + (substr($text, 0, $from) =~ tr/\n//);
                print "$path:$line: \"$found\": write: $instead\n";
                $red++;
            }
        }
        END {
            die "words: no files there\n" unless $files;
            if ($red) { print "words: $red to replace\n"; exit 1 }
            print "words: 0\n";
        }'
