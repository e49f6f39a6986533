using Protean.Codec;
using Protean.Membership;

namespace Protean.Node.Configuration;

/// <summary>A genesis as a file: its canonical bytes.</summary>
public static class GenesisFile
{
    /// <exception cref="RefusedException">Unreadable, not canonical, or a check of it does not hold.</exception>
    public static Genesis Read(string path)
    {
        try
        {
            var genesis = Canonical.Decode<Genesis>(BoundedFile.Read(path, Limits.MaxGenesisFile));
            if (GenesisRules.Refusal(genesis) is { } refusal) throw new RefusedException(NodeRefusals.GenesisInvalid(path, $"{refusal}"));
            return genesis;
        }
        catch (MalformedException malformed)
        {
            throw new RefusedException(NodeRefusals.GenesisInvalid(path, malformed.Message), malformed);
        }
    }

    public static void Write(string path, Genesis genesis) => File.WriteAllBytes(path, Canonical.Encode(genesis));
}
