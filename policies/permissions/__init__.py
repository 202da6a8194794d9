"""What an identity is allowed to do by documents that name actions, resources and conditions; one folder a provider."""
