namespace Protean.Cryptography;

/// <summary>Neff's shuffle of 2004 with all of the statement in the transcript (protocols 7.2).</summary>
internal sealed class NeffShuffle : ShuffleProtocol
{
    public override string Name => "neff04";

    public override long ProofSize(int rows) => NeffProof.Size(rows);

    public override byte[] Prove(ShuffleStatement statement, Mix mix, IRandom random, ICores cores)
    {
        using var stretched = new StretchedRandom(random);
        while (true)
        {
            using var prover = new NeffProver(statement, mix, stretched, cores);
            if (prover.Prove() is { } proof) return proof.Encode();
        }
    }

    private protected override string? ProofRefusal(ShuffleStatement statement, ReadOnlySpan<byte> proof, IRandom random, ICores cores) =>
        NeffProof.TryDecode(proof, statement.Rows, cores, out var decoded)
            ? NeffVerifier.Refusal(new NeffClaim(statement, decoded, NeffChallenges.Of(statement, decoded), new CurveSums(cores), random))
            : NotCanonical;
}
