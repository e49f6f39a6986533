using System.Diagnostics.CodeAnalysis;

namespace Protean.Cryptography;

/// <summary>What Neff's prover commits to before the first challenge; all of it is drawn anew for each transcript.</summary>
internal sealed record NeffCommitments(Point Gamma, PointList A, PointList C, PointList U, PointList W, Point L1, Point L2);

/// <summary>A proof of a shuffle of N rows: <c>Gamma, A, C, U, W, L1, L2, D, sigma, tau, Theta (2N), alpha (2N - 1)</c>, 320 bytes a
/// row.</summary>
internal sealed record NeffProof(
    NeffCommitments Commitments, PointList D, Scalar[] Sigma, Scalar Tau, PointList Theta, Scalar[] Alpha)
{
    public static long Size(int rows) => 3L * Point.Size + (7L * rows * Point.Size) + Scalar.Size + (3L * rows - 1) * Scalar.Size;

    public byte[] Encode()
    {
        var encoded = new byte[Size(Sigma.Length)];
        var writer = new WireWriter(encoded);
        writer.Raw(Commitments.Gamma.Span);
        writer.Points(Commitments.A);
        writer.Points(Commitments.C);
        writer.Points(Commitments.U);
        writer.Points(Commitments.W);
        writer.Raw(Commitments.L1.Span);
        writer.Raw(Commitments.L2.Span);
        writer.Points(D);
        writer.Scalars(Sigma);
        writer.Raw(Tau.Span);
        writer.Points(Theta);
        writer.Scalars(Alpha);
        return encoded;
    }

    /// <summary>Refuses any other length, and any point or scalar that is not canonical.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, int rows, ICores cores, [NotNullWhen(true)] out NeffProof? proof)
    {
        proof = null;
        if (rows < 1 || encoded.Length != Size(rows)) return false;
        var from = new WireReader(encoded);
        var commitments = new NeffCommitments(
            from.Point(), from.Points(rows, cores), from.Points(rows, cores), from.Points(rows, cores), from.Points(rows, cores),
            from.Point(), from.Point());
        var decoded = new NeffProof(
            commitments, from.Points(rows, cores), from.Scalars(rows), from.Scalar(), from.Points(2 * rows, cores), from.Scalars(2 * rows - 1));
        if (from.Valid) proof = decoded;
        return from.Valid;
    }
}

/// <summary>The verifier's part of the conversation.</summary>
internal sealed record NeffChallenges(Scalar[] E, Scalar[] Rho, Scalar Lambda, Scalar T, Scalar C)
{
    public static NeffChallenges Of(ShuffleStatement statement, NeffProof proof)
    {
        var transcript = new NeffTranscript(statement);
        return new NeffChallenges(
            transcript.E, transcript.Commit(proof.Commitments), transcript.Permute(proof.D), transcript.Respond(proof.Sigma, proof.Tau),
            transcript.Multiply(proof.Theta));
    }
}

/// <summary>The conversation step by step, for prover and verifier alike.</summary>
internal sealed class NeffTranscript
{
    private readonly Transcript _transcript;
    private readonly int _rows;

    public NeffTranscript(ShuffleStatement statement)
    {
        _transcript = statement.Begin("protean/shuffle/neff04/v1", out var folding);
        (E, _rows) = (folding, statement.Rows);
    }

    public Scalar[] E { get; }

    /// <summary>P1 and V2: rho.</summary>
    public Scalar[] Commit(NeffCommitments commitments) => _transcript
        .Absorb("Gamma", commitments.Gamma)
        .AbsorbList("A", commitments.A.Span)
        .AbsorbList("C", commitments.C.Span)
        .AbsorbList("U", commitments.U.Span)
        .AbsorbList("W", commitments.W.Span)
        .Absorb("L1", commitments.L1)
        .Absorb("L2", commitments.L2)
        .ChallengeVector("rho", _rows);

    /// <summary>P3 and V4: lambda.</summary>
    public Scalar Permute(PointList d) => _transcript.AbsorbList("D", d.Span).Challenge("lambda");

    /// <summary>P5 and V6: t.</summary>
    public Scalar Respond(Scalar[] sigma, Scalar tau) =>
        _transcript.AbsorbList("sigma", sigma).Absorb("tau", tau.Span).Challenge("t");

    /// <summary>P7: c.</summary>
    public Scalar Multiply(PointList theta) => _transcript.AbsorbList("Theta", theta.Span).Challenge("c");
}
