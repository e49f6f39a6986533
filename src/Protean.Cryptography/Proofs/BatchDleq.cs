using System.Text;

namespace Protean.Cryptography;

/// <summary>"One x gives <c>Public = x G</c> and every <c>Outputs[j] = x Inputs[j]</c>."</summary>
public sealed record BatchDleqStatement(ReadOnlyMemory<byte> Context, Point Public, PointList Inputs, PointList Outputs)
{
    /// <summary><c>bytes(use) || keyId || u64 epoch || setRoot || u16 index</c>, the use being "dvrf", "reveal" or "tally".</summary>
    public static byte[] ContextOf(string use, Digest keyId, ulong epoch, Digest setRoot, ushort index)
    {
        var name = Encoding.ASCII.GetBytes(use);
        var context = new byte[sizeof(uint) + name.Length + 2 * Digest.Size + sizeof(ulong) + sizeof(ushort)];
        var writer = new WireWriter(context);
        writer.Bytes(name);
        writer.Raw(keyId.Span);
        writer.U64(epoch);
        writer.Raw(setRoot.Span);
        writer.U16(index);
        return context;
    }
}

/// <summary>One proof for many pairs under one secret (protocols 0.2).</summary>
/// <remarks>Rule W: the weights come from a hash over all pairs at once. Weights derived pair by pair let a prover cancel errors between
/// pairs.</remarks>
public static class BatchDleq
{
    private const string Domain = "protean/dleq-batch/v1";

    internal static Verifier<(BatchDleqStatement Statement, SigmaProof Proof, IMultiScalar Sums)> Checks { get; } = new(
        new("PRT-CRY-0011", p => p.Statement.Inputs.Count == p.Statement.Outputs.Count),
        new("PRT-CRY-0012", p => p.Statement.Inputs.Count >= 1),
        new("PRT-CRY-0013", p => Dleq.Refusal(Fold(p.Statement, p.Sums), p.Proof) is null));

    public static SigmaProof Prove(BatchDleqStatement statement, SecretScalar x, IRandom random, IMultiScalar sums)
    {
        var folded = FoldOwn(statement, x, sums);
        return Dleq.Prove(folded, x, random);
    }

    /// <summary>Null when the proof holds; otherwise <c>PRT-CRY-0011</c> as many outputs as inputs, <c>0012</c> at least one pair,
    /// <c>0013</c> the weighted sums have equal logarithms.</summary>
    public static string? Refusal(BatchDleqStatement statement, SigmaProof proof, IMultiScalar sums) =>
        Checks.Refusal((statement, proof, sums));

    /// <summary>The single statement about the weighted sums; the prover gets the second sum as x times the first.</summary>
    internal static DleqStatement FoldOwn(BatchDleqStatement statement, SecretScalar x, IMultiScalar sums)
    {
        var input = sums.Sum(new Terms(Weights(statement), statement.Inputs));
        return new DleqStatement(Domain, statement.Context, Point.Base, statement.Public, input, x.Multiply(input));
    }

    private static DleqStatement Fold(BatchDleqStatement statement, IMultiScalar sums)
    {
        var weights = Weights(statement);
        return new DleqStatement(Domain, statement.Context, Point.Base, statement.Public,
            sums.Sum(new Terms(weights, statement.Inputs)), sums.Sum(new Terms(weights, statement.Outputs)));
    }

    private static Scalar[] Weights(BatchDleqStatement statement) => new Transcript(Domain)
        .Absorb("ctx", statement.Context.Span)
        .Absorb("P", statement.Public)
        .AbsorbList("U", statement.Inputs.Span)
        .AbsorbList("D", statement.Outputs.Span)
        .ChallengeVector128("w", statement.Inputs.Count);
}
