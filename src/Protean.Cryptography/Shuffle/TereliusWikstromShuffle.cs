namespace Protean.Cryptography;

/// <summary>Terelius and Wikstrom's shuffle (protocols 7.3).</summary>
internal sealed class TereliusWikstromShuffle : ShuffleProtocol
{
    public override string Name => "tw";

    public override long ProofSize(int rows) => TereliusWikstromProof.Size(rows);

    public override byte[] Prove(ShuffleStatement statement, Mix mix, IRandom random, ICores cores)
    {
        using var stretched = new StretchedRandom(random);
        using var prover = new TereliusWikstromProver(statement, mix, stretched, cores);
        return prover.Prove().Encode();
    }

    private protected override string? ProofRefusal(ShuffleStatement statement, ReadOnlySpan<byte> proof, IRandom random, ICores cores)
    {
        if (!TereliusWikstromProof.TryDecode(proof, statement.Rows, cores, out var decoded)) return NotCanonical;
        var challenges = TereliusWikstromChallenges.Of(statement, decoded);
        var generators = PermutationGenerators.Of(statement.Rows + 1, cores);
        return TereliusWikstromVerifier.Refusal(
            new TereliusWikstromClaim(statement, decoded, challenges, generators, new CurveSums(cores), random));
    }
}
