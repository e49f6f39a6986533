using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Protean.Cryptography;

/// <summary>A proof of a shuffle of N rows: <c>c, chat, t1 t2 t3 t41 t42, that, s1 s2 s3 s4, sh, s'</c>, 160 bytes a row.</summary>
/// <param name="C">Commitments to the permutation.</param>
/// <param name="Chain">chat: commitments that multiply up the permuted challenges.</param>
/// <param name="T">t1, t2, t3, t41, t42.</param>
/// <param name="ChainT">that.</param>
/// <param name="S">s1, s2, s3, s4.</param>
/// <param name="ChainS">sh.</param>
/// <param name="PermutedS">s'.</param>
internal sealed record TereliusWikstromProof(
    PointList C, PointList Chain, PointList T, PointList ChainT, Scalar[] S, Scalar[] ChainS, Scalar[] PermutedS)
{
    private const int Ts = 5, Ss = 4;

    public static long Size(int rows) => (3L * rows + Ts) * Point.Size + (2L * rows + Ss) * Scalar.Size;

    public byte[] Encode()
    {
        var encoded = new byte[Size(C.Count)];
        var writer = new WireWriter(encoded);
        writer.Points(C);
        writer.Points(Chain);
        writer.Points(T);
        writer.Points(ChainT);
        writer.Scalars(S);
        writer.Scalars(ChainS);
        writer.Scalars(PermutedS);
        return encoded;
    }

    /// <summary>Refuses any other length, and any point or scalar that is not canonical.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, int rows, ICores cores, [NotNullWhen(true)] out TereliusWikstromProof? proof)
    {
        proof = null;
        if (rows < 1 || encoded.Length != Size(rows)) return false;
        var from = new WireReader(encoded);
        var decoded = new TereliusWikstromProof(
            from.Points(rows, cores), from.Points(rows, cores), from.Points(Ts, cores), from.Points(rows, cores),
            from.Scalars(Ss), from.Scalars(rows), from.Scalars(rows));
        if (from.Valid) proof = decoded;
        return from.Valid;
    }
}

/// <summary>The points h_0, h_1, .. that permutations are committed with; nobody knows a logarithm of one to the base of others.</summary>
/// <remarks>The first is the text's h; row i has number i + 1.</remarks>
internal static class PermutationGenerators
{
    private const int LeastPiece = 16;

    // The list of the last request. Threads that make one at once make the same points.
    private static PointList _last = new();

    /// <summary>The first <paramref name="count"/>.</summary>
    public static PointList Of(int count, ICores cores)
    {
        var last = _last;
        if (last.Count == count) return last;
        var points = new Point[count];
        var known = Math.Min(count, last.Count);
        last.Span[..known].CopyTo(points);
        cores.Each(count - known, LeastPiece, i => points[known + i] = Generator((uint)(known + i)));
        return _last = new PointList(points);
    }

    private static Point Generator(uint number)
    {
        var name = "tw-generator"u8;
        Span<byte> message = stackalloc byte[name.Length + sizeof(uint)];
        name.CopyTo(message);
        BinaryPrimitives.WriteUInt32LittleEndian(message[name.Length..], number);
        return HashToGroup.H2G("TW-GEN", message);
    }
}

/// <summary>The verifier's part of the conversation.</summary>
internal sealed record TereliusWikstromChallenges(Scalar[] E, Scalar[] U, Scalar X)
{
    public static TereliusWikstromChallenges Of(ShuffleStatement statement, TereliusWikstromProof proof)
    {
        var transcript = new TereliusWikstromTranscript(statement);
        return new TereliusWikstromChallenges(transcript.E, transcript.Commit(proof.C), transcript.Commit(proof.Chain, proof.T, proof.ChainT));
    }
}

/// <summary>The conversation step by step, for prover and verifier alike.</summary>
internal sealed class TereliusWikstromTranscript
{
    private readonly Transcript _transcript;
    private readonly int _rows;

    public TereliusWikstromTranscript(ShuffleStatement statement)
    {
        _transcript = statement.Begin("protean/shuffle/tw/v1", out var folding);
        (E, _rows) = (folding, statement.Rows);
    }

    public Scalar[] E { get; }

    /// <summary>P1: u.</summary>
    public Scalar[] Commit(PointList c) => _transcript.AbsorbList("c", c.Span).ChallengeVector128("u", _rows);

    /// <summary>P2: x.</summary>
    public Scalar Commit(PointList chain, PointList t, PointList chainT) =>
        _transcript.AbsorbList("chat", chain.Span).AbsorbList("t", t.Span).AbsorbList("that", chainT.Span).Challenge("x");
}
