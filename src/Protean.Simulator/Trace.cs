using System.Text;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Simulator;

/// <summary>A running hash over all that happened: the same seed gives the same trace. The last lines are kept for reading.</summary>
public sealed class Trace
{
    private const int MaxLines = 4000, MaxLine = 240, MaxHex = 12;
    private readonly Queue<string> _lines = new();

    public Digest Hash { get; private set; }
    public long Events { get; private set; }

    /// <summary>Keep lines for reading; costs memory and time.</summary>
    public bool Readable { get; set; }

    public IEnumerable<string> Lines => _lines;

    public void Add(string what, MemberId member, ulong time, ReadOnlySpan<byte> detail = default)
    {
        Events++;
        Hash = Cryptography.Hash.H("protean/trace/v1", Hash.Span, new Codec.Encoder().Text(what).U16(member.Index).U64(time).Written, detail);
    }

    public void Note(Func<string> line)
    {
        if (!Readable) return;
        _lines.Enqueue(Shortened(line()));
        if (_lines.Count > MaxLines) _lines.Dequeue();
    }

    // Names are hashes, of which the first digits do.
    private static string Shortened(string line)
    {
        var text = new StringBuilder();
        var digits = 0;
        foreach (var c in line)
        {
            digits = char.IsAsciiHexDigitLower(c) ? digits + 1 : 0;
            if (digits <= MaxHex) text.Append(c);
            if (text.Length == MaxLine) break;
        }
        return text.ToString();
    }
}
