using System.Collections.Concurrent;
using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Client.Plans;

/// <summary>What calls of a method read before, with the names of caller and arguments left open: the next call, of another user say, most
/// likely reads the same keys with its own names in them. A wrong guess costs a few bytes of witness.</summary>
internal sealed class WitnessHints
{
    private const int MaxMethods = 1024;
    private const int MaxKeys = 32;

    private readonly ConcurrentDictionary<(Digest Contract, string Method), Pattern[]> _patterns = [];

    /// <param name="names">The 32-byte values of the call at hand: caller, arguments.</param>
    public IEnumerable<(Bytes Key, bool IsPrefix)> Guess(Digest contract, string method, IReadOnlyList<Bytes> names) =>
        _patterns.TryGetValue((contract, method), out var patterns)
            ? patterns.Where(pattern => pattern.Fits(names)).Select(pattern => (pattern.Fill(names), pattern.IsPrefix))
            : [];

    public void Learn(Digest contract, string method, IReadOnlyList<Bytes> names, IEnumerable<(Bytes Key, bool IsPrefix)> read)
    {
        var keys = read.Take(MaxKeys + 1).ToArray();
        if (keys.Length <= MaxKeys && _patterns.Count < MaxMethods)
            _patterns[(contract, method)] = [.. keys.Select(key => Pattern.Of(key.Key, key.IsPrefix, names))];
    }

    /// <summary>A key cut at the names in it: between two pieces stands the name of that number.</summary>
    private sealed record Pattern(IReadOnlyList<Bytes> Pieces, IReadOnlyList<int> Names, bool IsPrefix)
    {
        public static Pattern Of(Bytes key, bool isPrefix, IReadOnlyList<Bytes> names)
        {
            var (pieces, numbers, piece) = (new List<Bytes>(), new List<int>(), new List<byte>());
            for (var at = 0; at < key.Length;)
            {
                var number = NameAt(key, at, names);
                if (number < 0)
                {
                    piece.Add(key.Span[at++]);
                    continue;
                }
                pieces.Add(Bytes.Wrap([.. piece]));
                numbers.Add(number);
                piece.Clear();
                at += names[number].Length;
            }
            pieces.Add(Bytes.Wrap([.. piece]));
            return new Pattern(pieces, numbers, isPrefix);
        }

        public bool Fits(IReadOnlyList<Bytes> names) => Names.All(number => number < names.Count);

        public Bytes Fill(IReadOnlyList<Bytes> names)
        {
            var key = new Encoder().Raw(Pieces[0].Span);
            for (var i = 0; i < Names.Count; i++) key.Raw(names[Names[i]].Span).Raw(Pieces[i + 1].Span);
            return Bytes.Wrap(key.ToArray());
        }

        private static int NameAt(Bytes key, int at, IReadOnlyList<Bytes> names)
        {
            for (var i = 0; i < names.Count; i++)
                if (key.Span[at..].StartsWith(names[i].Span)) return i;
            return -1;
        }
    }
}
