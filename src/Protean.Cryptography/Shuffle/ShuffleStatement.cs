namespace Protean.Cryptography;

/// <summary>"The outputs are the inputs, row by row re-encrypted under the key and in another order": there are a permutation pi and betas with
/// <c>X'_ij = X_{pi(i)j} + beta_{pi(i)j} G</c> and <c>Y'_ij = Y_{pi(i)j} + beta_{pi(i)j} Key</c> (protocols 7).</summary>
/// <param name="Context">See <see cref="ContextOf"/>.</param>
/// <param name="Key">H, which the ciphertexts are under.</param>
public sealed record ShuffleStatement(ReadOnlyMemory<byte> Context, Point Key, Ciphertexts Inputs, Ciphertexts Outputs)
{
    private const int LeastRows = 2;

    /// <summary>What is checked of a statement, whatever proof it comes with.</summary>
    internal static Verifier<ShuffleStatement> Checks { get; } = new(
        new("PRT-CRY-0101", s => s.Inputs.Rows >= LeastRows),
        new("PRT-CRY-0102", s => s.Outputs.Width == s.Inputs.Width),
        new("PRT-CRY-0103", s => s.Outputs.Rows == s.Inputs.Rows),
        new("PRT-CRY-0104", s => !s.Key.IsIdentity));

    internal int Rows => Inputs.Rows;
    internal int Width => Inputs.Width;

    /// <summary><c>electionId || u16 round || mixerPk || inputRoot || outputRoot</c>.</summary>
    public static byte[] ContextOf(Digest electionId, ushort round, PublicKey mixer, Digest inputRoot, Digest outputRoot)
    {
        var context = new byte[3 * Digest.Size + sizeof(ushort) + PublicKey.Size];
        var writer = new WireWriter(context);
        writer.Raw(electionId.Span);
        writer.U16(round);
        writer.Raw(mixer.Span);
        writer.Raw(inputRoot.Span);
        writer.Raw(outputRoot.Span);
        return context;
    }

    /// <summary>The transcript with all of the statement in it, and the folding challenges e drawn from it: one proof whatever the
    /// width.</summary>
    internal Transcript Begin(string domain, out Scalar[] folding)
    {
        Span<byte> dimensions = stackalloc byte[2 * sizeof(uint)];
        var writer = new WireWriter(dimensions);
        writer.U32((uint)Rows);
        writer.U32((uint)Width);
        var transcript = new Transcript(domain)
            .Absorb("ctx", Context.Span)
            .Absorb("G", Point.Base)
            .Absorb("H", Key)
            .Absorb("dim", dimensions)
            .AbsorbList("X", Inputs.X.Span)
            .AbsorbList("Y", Inputs.Y.Span)
            .AbsorbList("Xbar", Outputs.X.Span)
            .AbsorbList("Ybar", Outputs.Y.Span);
        folding = transcript.ChallengeVector("e", Width);
        return transcript;
    }
}
