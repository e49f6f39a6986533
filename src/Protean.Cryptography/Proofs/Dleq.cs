namespace Protean.Cryptography;

/// <summary>"One x gives both <c>Public1 = x Base1</c> and <c>Public2 = x Base2</c>", under a domain and a context that names prover and
/// session.</summary>
public sealed record DleqStatement(string Domain, ReadOnlyMemory<byte> Context, Point Base1, Point Public1, Point Base2, Point Public2)
{
    /// <summary>The transcript with all of the statement in it, before the commitments.</summary>
    internal Transcript Begin() => new Transcript(Domain).Absorb("ctx", Context.Span).Absorb("st", Base1, Public1, Base2, Public2);
}

/// <summary>Proofs that two discrete logarithms are equal (Chaum-Pedersen, made non-interactive; protocols 0.2).</summary>
/// <remarks>The verifier recomputes the challenge from the whole statement and the commitments that the response implies.</remarks>
public static class Dleq
{
    internal static Verifier<(DleqStatement Statement, SigmaProof Proof)> Checks { get; } = new(
        new ProofCheck<(DleqStatement Statement, SigmaProof Proof)>("PRT-CRY-0001", p => Recompute(p.Statement, p.Proof) == p.Proof.Challenge));

    public static SigmaProof Prove(DleqStatement statement, SecretScalar x, IRandom random)
    {
        using var nonce = SecretScalar.Nonce(x, statement.Begin(), random);
        return Prove(statement, x, nonce);
    }

    /// <summary>Null when the proof holds; otherwise <c>PRT-CRY-0001</c>, the challenge is not that of statement and commitments.</summary>
    public static string? Refusal(DleqStatement statement, SigmaProof proof) => Checks.Refusal((statement, proof));

    /// <summary>The proof with a nonce that is never used again.</summary>
    internal static SigmaProof Prove(DleqStatement statement, SecretScalar x, SecretScalar nonce)
    {
        var challenge = Challenge(statement, nonce.Multiply(statement.Base1), nonce.Multiply(statement.Base2));
        return new SigmaProof(challenge, nonce.Respond(challenge, x));
    }

    private static Scalar Recompute(DleqStatement s, SigmaProof p) => Challenge(
        s, p.Response * s.Base1 - p.Challenge * s.Public1, p.Response * s.Base2 - p.Challenge * s.Public2);

    private static Scalar Challenge(DleqStatement statement, Point commitment1, Point commitment2) =>
        statement.Begin().Absorb("K", commitment1, commitment2).Challenge("c");
}
